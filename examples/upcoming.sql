-- Whom each user meets in the coming week, from the views that Bookstream keeps for SQL.
SELECT a.owner_user_id, a.starts_at, a.title, c.name, c.email
  FROM crm.appointments AS a
  LEFT JOIN crm.contacts AS c ON c.id = a.contact_id
 WHERE a.starts_at BETWEEN now() AND now() + interval '7 days'
 ORDER BY a.owner_user_id, a.starts_at;
