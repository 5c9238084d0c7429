"""What users run today to bring a CSV file into DuckDB: rivals.py NAME FILE DATABASE loads it and prints the rows held.

They convert types as Millrace does, but check no contract, keep no bad rows apart and load a file twice when asked twice.
"""
import csv
import datetime
import pathlib
import subprocess
import sys

# Name, and which share of the rows it gets: row by row is slow.
RIVALS = {"executemany": 0.1, "pandas": 1.0, "dlt": 0.5}
PACKAGES = ["duckdb", "pandas", "dlt[duckdb]"]
IDS = ("order_id", "customer_id", "payment_id", "voucher_id", "product_id")
DATES = ("order_date", "payment_date")


def environment(folder):
    """The interpreter of a virtual environment that has them, as a path; a text says why there is none."""
    python = pathlib.Path(folder) / "bin/python"
    ready = pathlib.Path(folder) / "ready"
    if ready.exists():
        return python
    for argv in ([sys.executable, "-m", "venv", folder], [python, "-m", "pip", "install", "--quiet", *PACKAGES]):
        done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return f"{' '.join(map(str, argv[1:4]))} failed: {(done.stderr or done.stdout).strip()[-300:]}"
    ready.touch()
    return python


def typed(record):
    for name in IDS:
        record[name] = int(record[name]) if record[name] else None
    for name in DATES:
        record[name] = datetime.datetime.fromisoformat(record[name]) if record[name] else None
    return record


def records(file):
    with open(file, newline="", encoding="utf-8") as source:
        for record in csv.DictReader(source):
            yield typed(record)


def executemany(file, database):
    import duckdb
    rows = [list(r.values()) for r in records(file)]
    db = duckdb.connect(database)
    db.execute("CREATE TABLE orders (order_id BIGINT, source VARCHAR, customer_id BIGINT, payment_id BIGINT, voucher_id BIGINT, "
               "product_id BIGINT, website VARCHAR, order_status VARCHAR, voucher_status VARCHAR, payment_status VARCHAR, "
               "order_date TIMESTAMP, payment_date TIMESTAMP)")
    db.execute("BEGIN")
    db.executemany(f"INSERT INTO orders VALUES ({', '.join('?' * 12)})", rows)
    db.execute("COMMIT")
    return db.execute("SELECT count(*) FROM orders").fetchone()[0]


def pandas(file, database):
    import duckdb
    import pandas as pd
    frame = pd.read_csv(file, dtype={name: "Int64" for name in IDS}, parse_dates=list(DATES))
    db = duckdb.connect(database)
    db.register("frame", frame)
    db.execute("CREATE TABLE orders AS SELECT * FROM frame")
    return db.execute("SELECT count(*) FROM orders").fetchone()[0]


def dlt(file, database):
    import dlt as tool
    import duckdb
    pipeline = tool.pipeline("bench", destination=tool.destinations.duckdb(database), dataset_name="raw",
                             pipelines_dir=f"{database}.dlt", dev_mode=False)
    pipeline.run(records(file), table_name="orders", write_disposition="replace")
    return duckdb.connect(database).execute("SELECT count(*) FROM raw.orders").fetchone()[0]


if __name__ == "__main__":
    print({"executemany": executemany, "pandas": pandas, "dlt": dlt}[sys.argv[1]](sys.argv[2], sys.argv[3]))
