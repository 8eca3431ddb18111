namespace Millrace.Cli.CloudEvents;

/// <summary>What may be given up where a file and a store do not fit.</summary>
/// <param name="Renumbers">The store numbers the events of each stream anew.</param>
/// <param name="Retimes">The store records the time of the import; the event's own is kept in its metadata.</param>
internal readonly record struct ImportOptions(bool Renumbers, bool Retimes);
