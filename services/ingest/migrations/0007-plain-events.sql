-- Ids and times of stored events used to carry their type beside them; the events' classes say it.
-- A text cannot look like such a pair: its quotes are escaped.
UPDATE ingest.events
   SET state = convert_to(
           regexp_replace(
               convert_from(state, 'UTF8'),
               '\{"_type_":"(uuid_hex|datetime_iso)","_data_":("[^"]*")\}', '\2', 'g'
           ),
           'UTF8'
       )
 WHERE position('"_type_"'::bytea IN state) > 0;
