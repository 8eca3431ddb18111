namespace Millrace;

/// <summary>
/// Folds events into the application's own tables, in the database of the store. Each event takes effect exactly once.
/// </summary>
/// <remarks>
/// The statements of a batch are committed in one transaction with the checkpoint. The tables belong to the
/// application, which reads them in any way. Millrace's own tables cannot be changed. The storage must be an SQL
/// database.
/// </remarks>
public abstract class SqlProjection
{
    /// <summary>Creates a projection.</summary>
    /// <param name="name">The stable name, in kebab case, under which the checkpoint is stored.</param>
    /// <param name="version">The version. Raise it, and give the tables new names, when they change: the new version is
    /// built from the first event.</param>
    /// <exception cref="InvalidNameException">The name is not valid.</exception>
    protected SqlProjection(string name, int version = 1)
    {
        if (ConsumerDefinition.NameProblem(name) is { } problem)
            throw new InvalidNameException("projection", name, problem);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        Name = name;
        Version = version;
    }

    /// <summary>Gets the name.</summary>
    public string Name { get; }

    /// <summary>Gets the version, from 1.</summary>
    public int Version { get; }

    /// <summary>Gets the name of the consumer, which consists of name and version.</summary>
    public string Consumer => $"{Name}@{Version}";

    /// <summary>Gets the CLR types of the events that it folds.</summary>
    protected internal abstract IReadOnlyList<Type> Events { get; }

    /// <summary>
    /// Gets the statements that create its tables. They run whenever a node starts, so each must have no effect when
    /// the tables exist: <c>CREATE TABLE IF NOT EXISTS</c>.
    /// </summary>
    protected internal abstract IReadOnlyList<string> Schema { get; }

    /// <summary>
    /// Gets the statements that clear its tables before it starts from the first event: when it is new, or reset for a
    /// rebuild.
    /// </summary>
    protected internal abstract IReadOnlyList<string> Clear { get; }

    /// <summary>
    /// Returns the key of an event, within which order is kept: when an event fails, later events of its key wait, and
    /// all others continue. By default the key is the name of its stream. Return another key when rows contain events
    /// of several streams.
    /// </summary>
    protected internal virtual string Key(RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        return recorded.Stream.Value;
    }

    /// <summary>
    /// Adds the statements by which an event changes the tables. The method must be pure, without a clock or I/O.
    /// </summary>
    protected internal abstract void Apply(RecordedEvent recorded, SqlBatch batch);
}
