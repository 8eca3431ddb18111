using static Millrace.Storage.Moves.MovedKind;

namespace Millrace.Storage.Moves;

/// <summary>
/// The tables outside the log, in the form in which a move copies their rows. Every storage has these tables, but may
/// store them in another form.
/// </summary>
public static class MovedTables
{
    /// <summary>Gets the table of the recorded removals of events.</summary>
    public static MovedTable Removals { get; } =
        Table(
            "removals",
            1,
            ("id", Number),
            ("stream", MovedKind.Stream),
            ("kind", Number),
            ("from_version", Number),
            ("to_version", Number),
            ("events", Number),
            ("reason", Prose),
            ("removed_by", Prose),
            ("removed_at", Time));

    /// <summary>
    /// Gets the table of truncated, deleted and closed streams, with their first versions and states.
    /// </summary>
    public static MovedTable StreamBounds { get; } = Table(
        "stream_bounds", 1, ("stream", Text), ("first_version", Number), ("state", Number));

    /// <summary>Gets the table of the claimed unique values.</summary>
    public static MovedTable Claims { get; } = Table("claims", 2, ("scope", Scope), ("value", Text), ("owner", Text));

    /// <summary>Gets the table of the ids of handled commands and messages, with the answers.</summary>
    public static MovedTable Handled { get; } = Table(
        "handled", 2, ("scope", Scope), ("id", Text), ("answer", Bytes), ("position", Number), ("until", Time));

    /// <summary>Gets the table of the partitions of consumers, with leases and checkpoints.</summary>
    public static MovedTable Consumers { get; } =
        Table(
            "consumers",
            2,
            ("consumer", Text),
            ("partition", Number),
            ("holder", Text),
            ("lease_epoch", Number),
            ("lease_until", Time),
            ("checkpoint", Number),
            ("state", Prose),
            ("error", Prose),
            ("reported_at", Time),
            ("held_since", Time),
            ("state_since", Time));

    /// <summary>Gets the table of the paused consumers.</summary>
    public static MovedTable PausedConsumers { get; } = Table("paused_consumers", 1, ("consumer", Text));

    /// <summary>Gets the table of the dead letters.</summary>
    public static MovedTable DeadLetters { get; } =
        Table(
            "dead_letters",
            1,
            ("id", Number),
            ("revision", Number),
            ("consumer", Text),
            ("partition", Number),
            ("position", Number),
            ("key", Text),
            ("stream", Text),
            ("version", Number),
            ("event_type", Text),
            ("event_id", Id),
            ("state", Number),
            ("attempts", Number),
            ("retry_at", Time),
            ("class", Number),
            ("cause", Prose),
            ("error_type", Prose),
            ("message", Prose),
            ("stack", Prose),
            ("first_failed_at", Time),
            ("last_failed_at", Time),
            ("edited_payload", Bytes),
            ("decision", Number),
            ("decided_by", Prose),
            ("reason", Prose),
            ("decided_at", Time));

    /// <summary>Gets the table of the catalog of read models.</summary>
    public static MovedTable ReadModels { get; } =
        Table(
            "read_models",
            1,
            ("name", Text),
            ("revision", Number),
            ("live", Text),
            ("building", Text),
            ("kept", Text),
            ("switches_itself", Flag),
            ("builds", Number));

    /// <summary>Gets the table of the retired collections, with the earliest times of their removal.</summary>
    public static MovedTable RetiredCollections { get; } = Table(
        "retired_collections", 1, ("collection", Text), ("name", Text), ("until", Time));

    /// <summary>Gets all tables except the tables of documents, which the catalog of collections lists.</summary>
    public static IReadOnlyList<MovedTable> All { get; } =
    [Removals, StreamBounds, Claims, Handled, Consumers, PausedConsumers, DeadLetters, ReadModels, RetiredCollections];

    /// <summary>Finds a table by its name; null if there is none.</summary>
    /// <param name="name">The name.</param>
    public static MovedTable? Find(string name) => All.FirstOrDefault(table => table.Name == name);

    /// <summary>Returns the table of a collection's documents: key, version, position, body, fields.</summary>
    /// <param name="collection">The collection.</param>
    /// <exception cref="ArgumentNullException"><paramref name="collection"/> is null.</exception>
    public static MovedTable OfDocuments(CollectionDefinition collection)
    {
        ArgumentNullException.ThrowIfNull(collection);
        var columns = new List<MovedColumn>
        {
            new("key", Text), new("version", Number), new("position", Number), new("body", Bytes),
        };
        for (var i = 0; i < collection.Fields.Count; i++)
            columns.Add(new MovedColumn($"f{i}", KindOf(collection.Fields[i].Kind)));
        return new MovedTable(collection.Name, 1, columns) { IsDocuments = true };
    }

    private static MovedKind KindOf(FieldKind kind) =>
        kind switch
        {
            // A floating-point number is moved as a whole number with the same order.
            FieldKind.Integer or FieldKind.Ticks or FieldKind.Real => Number,
            FieldKind.Decimal => MovedKind.Decimal,
            FieldNumbers.PlainReal => Real,
            _ => Text,
        };

    private static MovedTable Table(string name, int keyColumns, params (string Name, MovedKind Kind)[] columns) =>
        new(name, keyColumns, Array.ConvertAll(columns, column => new MovedColumn(column.Name, column.Kind)));
}
