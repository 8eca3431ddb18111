namespace Millrace.Cli;

/// <summary>A point in history: a position of the log, and the time that was meant, if one was.</summary>
internal sealed record Moment(long Position, DateTimeOffset? Time)
{
    /// <summary>What was meant: a position, a time, or now.</summary>
    public HistoryMoment Meant { get; private init; }

    /// <summary>Reads a position, a time, how long ago, or <c>now</c>; of a time, the last event recorded until then counts.</summary>
    /// <exception cref="CliException">It is none of them, or a position behind the end of the log.</exception>
    public static async Task<Moment> Parse(OpenStore open, string text, CancellationToken cancellationToken)
    {
        var head = (await open.Storage.Log.GetHead(cancellationToken)).Position;
        if (text == "now")
            return new Moment(head, null); // Meant as now, which is the default.
        if (LogPosition.TryParse(text, out var position))
        {
            return position <= head ? new Moment(position, null) { Meant = HistoryMoment.At(position) } : throw new CliException(
                ExitCode.NotFound, $"There is no position {position}: the log ends at {head}.");
        }
        var time = FilterOptions.TimeOf(text) ?? throw new CliException(
            ExitCode.Usage,
            $"'{text}' is neither a position nor a time: give 1042, 2011-12-05, 2011-12-05T10:22:01Z, how long ago, such as 90s, 15m, 2h "
            + "or 7d, or now.");
        return new Moment(await Explanations.PositionAt(open.Store, time, cancellationToken), time) { Meant = HistoryMoment.At(time) };
    }
}
