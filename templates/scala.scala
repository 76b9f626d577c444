import org.apache.spark.sql.{DataFrame, SparkSession}
import org.apache.spark.sql.functions.{col, desc}

/** The most frequent words of a text, as JSON lines. Arguments: how many, and where the text is (an oci:// address), if it is not the sample. */
object @CLASS@ {
  private val sample = Seq("the sun is up and the sky is blue", "and the day is new")

  def countWords(lines: DataFrame): DataFrame =
    lines.selectExpr("explode(split(lower(value), '[^a-z]+')) AS word").where("word <> ''").groupBy("word").count()

  def main(args: Array[String]): Unit = {
    val spark = SparkSession.builder().appName("@KEY@").getOrCreate()
    import spark.implicits._
    val lines = if (args.length > 1) spark.read.text(args(1)) else sample.toDF("value")
    val words = countWords(lines).orderBy(desc("count"), col("word")).limit(args(0).toInt)
    words.toJSON.collect().foreach(println)
    spark.stop()
  }
}
