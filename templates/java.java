import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/** The most frequent words of a text, as JSON lines. Arguments: how many, and where the text is (an oci:// address), if it is not the sample. */
public class @CLASS@ {
    private static final List<String> SAMPLE = Arrays.asList("the sun is up and the sky is blue", "and the day is new");

    static Dataset<Row> countWords(Dataset<Row> lines) {
        return lines.selectExpr("explode(split(lower(value), '[^a-z]+')) AS word").where("word <> ''").groupBy("word").count();
    }

    public static void main(String[] args) {
        int top = Integer.parseInt(args[0]);
        SparkSession spark = SparkSession.builder().appName("@KEY@").getOrCreate();
        Dataset<Row> lines = args.length > 1
            ? spark.read().text(args[1])
            : spark.createDataset(SAMPLE, Encoders.STRING()).toDF("value");
        Dataset<Row> words = countWords(lines).orderBy(functions.desc("count"), functions.col("word")).limit(top);
        for (String row : words.toJSON().collectAsList())
            System.out.println(row);
        spark.stop();
    }
}
