-- The busiest routes from one of New York's airports.
--
-- Data Flow parameters:
--   origin  EWR, JFK or LGA
--   top     how many routes
--   lake    where ingest.py put the tables
--
-- A row: dest, its airport's name (NULL where the airport is not known), flights, carriers, miles, mean
-- minutes in the air, mean minutes of arrival delay (both of the flights that arrived, rounded half up).
SELECT f.dest, a.name, count(*) AS flights, count(DISTINCT f.carrier) AS carriers,
       min(f.distance) AS miles,
       round(avg(f.air_time), 1) AS mean_air_time,
       round(avg(f.arr_delay), 1) AS mean_arr_delay
FROM parquet.`${lake}/flights` f
LEFT JOIN parquet.`${lake}/airports` a ON a.faa = f.dest
WHERE f.origin = '${origin}'
GROUP BY f.dest, a.name
ORDER BY flights DESC, f.dest
LIMIT ${top};
