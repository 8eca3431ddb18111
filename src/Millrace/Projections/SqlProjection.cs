namespace Millrace;

/// <summary>
/// Folds events into tables of the application's own, beside Millrace's in the same database: each event's effect
/// exactly once.
/// </summary>
/// <remarks>
/// The statements of a batch are committed in one transaction with the checkpoint. The tables belong to the
/// application, which reads them by what means it likes; tables of Millrace's own cannot be changed. The storage must
/// be a database that knows SQL.
/// </remarks>
public abstract class SqlProjection
{
    /// <summary>Makes a projection.</summary>
    /// <param name="name">Its stable name, in kebab case, under which its checkpoint is kept.</param>
    /// <param name="version">Raise it, and name the tables anew, when they change: the new version is built from the
    /// first event.</param>
    /// <exception cref="InvalidNameException">The name is not allowed.</exception>
    protected SqlProjection(string name, int version = 1)
    {
        if (ConsumerDefinition.NameProblem(name) is { } problem)
            throw new InvalidNameException("projection", name, problem);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        (Name, Version) = (name, version);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its version, from 1.</summary>
    public int Version { get; }

    /// <summary>Its consumer: name and version.</summary>
    public string Consumer => $"{Name}@{Version}";

    /// <summary>The CLR types of the events it folds.</summary>
    protected internal abstract IReadOnlyList<Type> Events { get; }

    /// <summary>
    /// Statements that make its tables. They run whenever a node starts, so each must be harmless when all is there:
    /// <c>CREATE TABLE IF NOT EXISTS</c>.
    /// </summary>
    protected internal abstract IReadOnlyList<string> Schema { get; }

    /// <summary>Statements that empty its tables, before it begins from the first event: when it is new, or reset to be
    /// rebuilt.</summary>
    protected internal abstract IReadOnlyList<string> Clear { get; }

    /// <summary>
    /// The key of an event, within which order is kept: when an event fails, later ones of its key wait, and all others
    /// go on. The name of its stream by default; name what its rows are shared by when they come from several streams.
    /// </summary>
    protected internal virtual string Key(RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        return recorded.Stream.Value;
    }

    /// <summary>Adds the statements by which an event changes the tables. Pure: no clock, no I/O.</summary>
    protected internal abstract void Apply(RecordedEvent recorded, SqlBatch batch);
}
