SELECT '${day}';
