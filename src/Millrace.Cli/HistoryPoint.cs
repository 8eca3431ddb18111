namespace Millrace.Cli;

/// <summary>A point in history: a position of the log, and the time that was meant, if one was.</summary>
internal sealed record HistoryPoint(long Position, DateTimeOffset? Time)
{
    /// <summary>What was meant: a position, a time, or now.</summary>
    public HistoryMoment OriginalMoment { get; private init; }

    /// <summary>Reads a position, a time, how long ago, or <c>now</c>; of a time, the last event recorded until then
    /// counts.</summary>
    /// <exception cref="CliException">It is none of them, or a position behind the end of the log.</exception>
    public static async Task<HistoryPoint> Parse(OpenStore open, string text, CancellationToken cancellationToken)
    {
        var head = (await open.Storage.Log.GetHead(cancellationToken)).Position;
        if (text == "now")
            return new HistoryPoint(head, null); // Meant as now, which is the default.
        if (LogPositionParser.TryParse(text, out var position))
        {
            return position <= head
                ? new HistoryPoint(position, null) { OriginalMoment = HistoryMoment.At(position) }
                : throw new CliException(
                    ExitCode.NotFound, $"There is no position {position}: the log ends at {head}.");
        }
        var time =
            FilterOptions.TimeOf(text)
            ?? throw new CliException(
                ExitCode.Usage,
                $"'{text}' is neither a position nor a time: give 1042, 2011-12-05, 2011-12-05T10:22:01Z, how long "
                    + $"ago, such as 90s, 15m, 2h "
                    + "or 7d, or now.");
        return new HistoryPoint(await Explanations.PositionAt(open.Store, time, cancellationToken), time)
        {
            OriginalMoment = HistoryMoment.At(time),
        };
    }
}
