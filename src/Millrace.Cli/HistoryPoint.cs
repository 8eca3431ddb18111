namespace Millrace.Cli;

/// <summary>A position of the log, with the time if the user specified a time.</summary>
internal sealed record HistoryPoint(long Position, DateTimeOffset? Time)
{
    /// <summary>Gets what the user specified: a position, a time or <c>now</c>.</summary>
    public HistoryMoment OriginalMoment { get; private init; }

    /// <summary>
    /// Parses a position, a time, an age or <c>now</c>. For a time or an age, returns the position of the last event
    /// recorded until that time.
    /// </summary>
    /// <exception cref="CliException">The text has another format, or the position is after the end of the
    /// log.</exception>
    public static async Task<HistoryPoint> Parse(OpenStore open, string text, CancellationToken cancellationToken)
    {
        var head = (await open.Storage.Log.GetHead(cancellationToken)).Position;
        if (text == "now")
            return new HistoryPoint(head, null); // The default of OriginalMoment is the end of the log.
        if (LogPositionParser.TryParse(text, out var position))
        {
            if (open.Shards is not null)
                throw new CliException(
                    ExitCode.Usage,
                    $"The position {position} is ambiguous, because each shard has its own log.",
                    "Name a time, or the store of one shard.");
            return position <= head
                ? new HistoryPoint(position, null) { OriginalMoment = HistoryMoment.At(position) }
                : throw new CliException(
                    ExitCode.NotFound, $"Position {position} does not exist: the log ends at {head}.");
        }
        var time =
            FilterOptions.TimeOf(text)
            ?? throw new CliException(
                ExitCode.Usage,
                $"'{text}' is neither a position nor a time: use 1042, 2011-12-05, 2011-12-05T10:22:01Z, an age, such "
                    + "as 90s, 15m, 2h or 7d, or now.");
        if (open.Shards is not null)
            return new HistoryPoint(0, time) { OriginalMoment = HistoryMoment.At(time) };
        return new HistoryPoint(await Explanations.PositionAt(open.Store, time, cancellationToken), time)
        {
            OriginalMoment = HistoryMoment.At(time),
        };
    }
}
