CREATE TABLE case_store (
    name VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE cases (
    case_id VARCHAR NOT NULL,
    revision BIGINT NOT NULL,
    bundle VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    requested_by VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    requested_at BIGINT NOT NULL,
    deadline_at BIGINT NOT NULL,
    due_at BIGINT,
    partition INTEGER NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (case_id)
);
CREATE INDEX cases_by_status ON cases (status, requested_at);
CREATE INDEX cases_by_subject ON cases (subject, requested_at);
CREATE INDEX cases_by_time ON cases (requested_at, case_id);
CREATE INDEX cases_due ON cases (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE outbox (
    event_id BLOB NOT NULL,
    place BIGINT NOT NULL,
    topic VARCHAR NOT NULL,
    "key" BLOB NOT NULL,
    value BLOB NOT NULL,
    written_at BIGINT NOT NULL,
    PRIMARY KEY (event_id)
);
CREATE INDEX outbox_by_place ON outbox (place);
CREATE TABLE reports (
    case_id VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    issued_at BIGINT NOT NULL,
    verification_code VARCHAR NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (case_id, number)
);
CREATE INDEX ix_reports_verification_code ON reports (verification_code);
CREATE TABLE tasks (
    task_id VARCHAR NOT NULL,
    case_id VARCHAR NOT NULL,
    department VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    bundle VARCHAR NOT NULL,
    check_id VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    question TEXT NOT NULL,
    purpose TEXT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT NOT NULL,
    territory VARCHAR NOT NULL,
    assigned_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    handled_and_reviewed BOOLEAN NOT NULL,
    proposed BLOB,
    answer BLOB,
    review_note TEXT,
    PRIMARY KEY (task_id)
);
CREATE INDEX tasks_inbox ON tasks (department, status, due_at, task_id);
CREATE INDEX tasks_of_case ON tasks (case_id);
