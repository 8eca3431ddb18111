namespace Millrace;

/// <summary>Thrown for a SQL statement that is not valid, or that does more than read views.</summary>
public sealed class SqlException : MillraceException
{
    /// <summary>Creates an error at a place of the statement.</summary>
    /// <param name="message">The message, without the place.</param>
    /// <param name="line">The line in the statement, from 1; 0 if the place is unknown.</param>
    /// <param name="column">The column in the line, from 1; 0 if the place is unknown.</param>
    /// <param name="innerException">The error of the database engine; null for none.</param>
    public SqlException(string message, int line = 0, int column = 0, Exception? innerException = null)
        : base(line > 0 ? $"Line {line}, column {column}: {message}" : message, innerException) =>
        (Line, Column) = (line, column);

    /// <summary>Gets the line in the statement, from 1; 0 if the place is unknown.</summary>
    public int Line { get; }

    /// <summary>Gets the column in the line, from 1; 0 if the place is unknown.</summary>
    public int Column { get; }
}

/// <summary>Thrown for a SQL statement that needs more than it may use. Nothing remains of it.</summary>
public sealed class SqlLimitException(SqlLimit limit, string message, Exception? innerException = null)
    : MillraceException(message, innerException)
{
    /// <summary>Gets the limit.</summary>
    public SqlLimit Limit { get; } = limit;
}

/// <summary>Thrown if the system has no engine for SQL statements.</summary>
public sealed class SqlUnavailableException(string message, Exception? innerException = null)
    : MillraceException(message, innerException);

/// <summary>A limit of SQL statements.</summary>
public enum SqlLimit
{
    /// <summary>The time of a statement.</summary>
    Time,

    /// <summary>The memory of a statement, with its temporary files.</summary>
    Memory,

    /// <summary>The statements that run at the same time.</summary>
    Concurrency,
}
