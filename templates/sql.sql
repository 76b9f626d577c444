-- @KEY@: a query of Data Flow's own language SQL. ${top} is a parameter of the application, which each run can set.
CREATE TEMPORARY VIEW lines AS
SELECT * FROM VALUES ('the sun is up and the sky is blue'), ('and the day is new') AS t(value);
-- CREATE TEMPORARY VIEW lines USING text OPTIONS (path 'oci://bucket@namespace/path');

SELECT word, count(*) AS n
FROM (SELECT explode(split(lower(value), '[^a-z]+')) AS word FROM lines)
WHERE word <> ''
GROUP BY word
ORDER BY n DESC, word
LIMIT ${top};
