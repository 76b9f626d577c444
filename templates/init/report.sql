-- The most frequent words of what words.py wrote. ${words} and ${top} are parameters of the application.
SELECT word, count
FROM parquet.`${words}`
ORDER BY count DESC, word
LIMIT ${top};
