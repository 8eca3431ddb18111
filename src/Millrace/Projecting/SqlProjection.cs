namespace Millrace;

/// <summary>
/// Folds events into the application's own tables in the database of the store. Each event has its effect exactly once.
/// </summary>
/// <remarks>
/// The statements of a batch are committed in one transaction with the checkpoint. The application owns the tables and
/// reads them with its own code. A projection cannot change Millrace's own tables. The storage must be an SQL database.
/// </remarks>
public abstract class SqlProjection
{
    /// <summary>Creates a projection.</summary>
    /// <param name="name">The stable name, in kebab case, under which the checkpoint is stored.</param>
    /// <param name="version">The version. When the tables change, raise the version and give the tables new names. The
    /// new version is built from the first event.</param>
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

    /// <summary>Gets the name of the consumer, which consists of the name and the version.</summary>
    public string Consumer => $"{Name}@{Version}";

    /// <summary>Gets the CLR types of the events that the projection folds.</summary>
    protected internal abstract IReadOnlyList<Type> Events { get; }

    /// <summary>
    /// Gets the statements that create the tables. They run at each start of a node, so they must have no effect if the
    /// tables exist, as in <c>CREATE TABLE IF NOT EXISTS</c>.
    /// </summary>
    protected internal abstract IReadOnlyList<string> Schema { get; }

    /// <summary>
    /// Gets the statements that clear the tables. They run before the projection starts from the first event, because
    /// it is new or is reset for a rebuild.
    /// </summary>
    protected internal abstract IReadOnlyList<string> Clear { get; }

    /// <summary>
    /// Returns the key of an event, which is the name of its stream by default. Events of a key are handled in order.
    /// When an event fails, later events of its key wait, and events of other keys continue. Return another key if a
    /// row contains events of several streams.
    /// </summary>
    protected internal virtual string Key(RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        return recorded.Stream.Value;
    }

    /// <summary>
    /// Adds the statements with which an event changes the tables. The method must be pure, without a clock or I/O.
    /// </summary>
    protected internal abstract void Apply(RecordedEvent recorded, SqlBatch batch);
}
