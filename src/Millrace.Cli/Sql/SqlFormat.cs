namespace Millrace.Cli.Sql;

/// <summary>The format of the answer to a SQL statement.</summary>
internal enum SqlFormat
{
    /// <summary>A table that fits the terminal.</summary>
    Table,

    /// <summary>CSV (RFC 4180) with a header.</summary>
    Csv,

    /// <summary>One JSON object.</summary>
    Json,

    /// <summary>A Parquet file.</summary>
    Parquet,
}
