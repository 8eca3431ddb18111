namespace Millrace.Retention;

/// <summary>The places with possible copies of removed data, which reports name.</summary>
internal static class RetentionPlaces
{
    public static IReadOnlyList<string> OutOfReach { get; } =
    [
        "Free pages and the write-ahead log of the database, which it overwrites later.",
        "Documents of read models that were built from the removed events; rebuild them to remove the data.",
        "Tables of SQL projections.",
        "Answers of handled commands and ids of handled messages, until their time window ends.",
        "Unique values that commands claimed.",
        "Timers, states of processes, and stored or delivered messages that were created from the events.",
        "Backups, exports, archive files and segments of an archive.",
    ];
}
