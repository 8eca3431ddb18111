namespace Millrace.Orleans.Membership;

/// <summary>The tables in which the nodes of clusters find each other, and their statements.</summary>
internal static class MembershipSchema
{
    public const string Create = """
        SELECT pg_advisory_xact_lock(hashtext('millrace_orleans'));
        CREATE TABLE IF NOT EXISTS millrace_orleans_clusters (
            cluster text COLLATE "C" PRIMARY KEY,
            version integer NOT NULL);
        CREATE TABLE IF NOT EXISTS millrace_orleans_nodes (
            cluster text COLLATE "C" NOT NULL,
            node text COLLATE "C" NOT NULL,
            etag bigint NOT NULL,
            status integer NOT NULL,
            suspects text NOT NULL,
            proxy_port integer NOT NULL,
            host text NOT NULL,
            name text NOT NULL,
            role text,
            update_zone integer NOT NULL,
            fault_zone integer NOT NULL,
            started timestamptz NOT NULL,
            alive timestamptz NOT NULL,
            PRIMARY KEY (cluster, node));
        """;

    public const string Exists =
        "SELECT to_regclass('millrace_orleans_clusters') IS NOT NULL AND to_regclass('millrace_orleans_nodes') "
        + "IS NOT NULL";

    public const string AddCluster =
        "INSERT INTO millrace_orleans_clusters (cluster, version) VALUES ($1, 0) ON CONFLICT DO NOTHING";

    private const string Read = """
        SELECT c.version, n.node, n.etag, n.status, n.suspects, n.proxy_port, n.host, n.name, n.role, n.update_zone,
            n.fault_zone, n.started, n.alive
        FROM millrace_orleans_clusters c LEFT JOIN millrace_orleans_nodes n ON n.cluster = c.cluster
        """;

    public const string ReadAll = Read + " WHERE c.cluster = $1";

    public const string ReadOne = Read + " AND n.node = $2 WHERE c.cluster = $1";

    /// <summary>Adds a node if the cluster has the expected version, which then increases.</summary>
    public const string Insert = """
        WITH next AS (
            UPDATE millrace_orleans_clusters SET version = version + 1
            WHERE cluster = $1 AND version = $2
                AND NOT EXISTS (SELECT FROM millrace_orleans_nodes WHERE cluster = $1 AND node = $3)
            RETURNING version)
        INSERT INTO millrace_orleans_nodes (cluster, node, etag, status, suspects, proxy_port, host, name, role,
            update_zone, fault_zone, started, alive)
        SELECT $1, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 FROM next
        """;

    /// <summary>Changes a node if it and the cluster have the expected versions, which then increase.</summary>
    public const string Update = """
        WITH next AS (
            UPDATE millrace_orleans_clusters SET version = version + 1
            WHERE cluster = $1 AND version = $2
                AND EXISTS (SELECT FROM millrace_orleans_nodes WHERE cluster = $1 AND node = $3 AND etag = $14)
            RETURNING version)
        UPDATE millrace_orleans_nodes SET etag = etag + 1, status = $4, suspects = $5, proxy_port = $6, host = $7,
            name = $8, role = $9, update_zone = $10, fault_zone = $11, started = $12, alive = $13
        FROM next WHERE cluster = $1 AND node = $3 AND etag = $14
        """;

    public const string SetAlive = "UPDATE millrace_orleans_nodes SET alive = $3 WHERE cluster = $1 AND node = $2";

    public const string RemoveDefunct =
        "DELETE FROM millrace_orleans_nodes WHERE cluster = $1 AND alive < $2 AND status <> $3";

    public const string RemoveCluster =
        "WITH nodes AS (DELETE FROM millrace_orleans_nodes WHERE cluster = $1) "
        + "DELETE FROM millrace_orleans_clusters WHERE cluster = $1";
}
