namespace Millrace;

/// <summary>The limits of SQL statements.</summary>
public sealed class SqlOptions
{
    private const long Megabyte = 1024 * 1024;

    /// <summary>Gets or sets the maximum time of a statement, with the reading of the store; 30 seconds by
    /// default.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the maximum number of rows of an answer; 10,000 by default.</summary>
    public int MaxRows { get; set; } = 10_000;

    /// <summary>Gets or sets the maximum size of an answer in memory; 64 MB by default.</summary>
    public long MaxAnswerBytes { get; set; } = 64 * Megabyte;

    /// <summary>
    /// Gets or sets the memory of the database engine for the rows, groups and sorted values of one statement; 1 GB by
    /// default. The engine writes more to temporary files. It does not count the values of the 2,048 rows at a time
    /// that pass through an expression, which can be up to 32 times as long as stored ones.
    /// </summary>
    public long MaxMemoryBytes { get; set; } = 1024 * Megabyte;

    /// <summary>Gets or sets the maximum size of the temporary files of one statement; 4 GB by default.</summary>
    public long MaxTemporaryBytes { get; set; } = 4096 * Megabyte;

    /// <summary>Gets or sets the directory for the private directories with temporary files; null, the default, for
    /// that of the system.</summary>
    public string? TemporaryDirectory { get; set; }

    /// <summary>Gets or sets the maximum number of statements of the application that run at the same time; 2 by
    /// default. Others wait within their time.</summary>
    public int MaxConcurrency { get; set; } = 2;

    /// <summary>Throws if a limit is out of range.</summary>
    internal void Validate()
    {
        const long MinMemoryBytes = 16 * Megabyte;
        Require(TimeLimit > TimeSpan.Zero && TimeLimit <= TimeSpan.FromDays(1), nameof(TimeLimit), "up to one day");
        Require(MaxRows >= 1, nameof(MaxRows), "at least 1");
        Require(MaxAnswerBytes >= 1, nameof(MaxAnswerBytes), "at least 1");
        Require(MaxMemoryBytes >= MinMemoryBytes, nameof(MaxMemoryBytes), "at least 16 MB");
        Require(MaxTemporaryBytes >= 0, nameof(MaxTemporaryBytes), "at least 0");
        Require(MaxConcurrency >= 1, nameof(MaxConcurrency), "at least 1");
    }

    private static void Require(bool isValid, string option, string range)
    {
        if (!isValid)
            throw new ArgumentException($"{nameof(SqlOptions)}.{option} must be {range}.");
    }

    internal SqlOptions Copy() => (SqlOptions)MemberwiseClone();
}
