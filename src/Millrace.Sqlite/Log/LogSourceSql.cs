namespace Millrace.Sqlite.Log;

/// <summary>The statements that read each source in log order, between two positions.</summary>
internal static class LogSourceSql
{
    /// <summary>The number of a key's events that a probe skips to estimate how rare the key is.</summary>
    public const int Probed = 500;

    private const string FromLog = " FROM events e WHERE e.position BETWEEN ?1 AND ?2";
    private const string FromType =
        " FROM events e INDEXED BY events_by_type WHERE e.type = ?3 AND e.position BETWEEN ?1 AND ?2";
    private const string FromTag =
        " FROM event_tags t CROSS JOIN events e ON e.position = t.position WHERE t.tag = ?3 AND t.position BETWEEN ?1 "
            + "AND ?2";
    private const string FromTagAlone = " FROM event_tags t WHERE t.tag = ?3 AND t.position BETWEEN ?1 AND ?2";
    private const string FromCorrelation =
        " FROM events e INDEXED BY events_by_correlation WHERE e.correlation = ?3 AND e.position BETWEEN ?1 AND ?2";
    private const string FromSource =
        " FROM events e INDEXED BY events_by_source WHERE e.source = ?3 AND e.position BETWEEN ?1 AND ?2";
    private const string FromStream =
        " FROM events e INDEXED BY events_by_stream WHERE e.stream = ?3 AND e.position BETWEEN ?1 AND ?2";

    private static readonly string[] From = [FromLog, FromType, FromTag, FromCorrelation, FromSource, FromStream];
    private static readonly string[] Order =
    [
        " ORDER BY e.position",
        " ORDER BY e.position",
        " ORDER BY t.position",
        " ORDER BY e.position",
        " ORDER BY e.position",
        " ORDER BY e.version",
    ];
    private static readonly string[] Probes = BuildProbes();
    private static readonly string[] Counts = Array.ConvertAll(From, from => $"SELECT count(*){from}");
    private static readonly string[] Reads = Build(EventColumns.Whole);
    private static readonly string[] Matches = Build(EventColumns.ToMatch);

    /// <summary>Returns the statement that reads events, or only the columns that a filter needs.</summary>
    public static string Read(LogSource source, bool isBackwards, bool isWhole) =>
        (isWhole ? Reads : Matches)[((int)source * 2) + (isBackwards ? 1 : 0)];

    /// <summary>
    /// Returns the statement that finds the position of a key's event after <see cref="Probed"/> others, using only the
    /// index.
    /// </summary>
    public static string Probe(LogSource source, bool isBackwards) => Probes[((int)source * 2) + (isBackwards ? 1 : 0)];

    /// <summary>Returns the statement that counts events.</summary>
    public static string Count(LogSource source) => Counts[(int)source];

    private static string[] BuildProbes()
    {
        var statements = new string[From.Length * 2];
        for (var i = 0; i < From.Length; i++)
        {
            var isTag = i == (int)LogSource.Tag;
            var probe = $"SELECT {(isTag ? "t" : "e")}.position{(isTag ? FromTagAlone : From[i])}{Order[i]}";
            statements[i * 2] = $"{probe} LIMIT 1 OFFSET {Probed}";
            statements[(i * 2) + 1] = $"{probe} DESC LIMIT 1 OFFSET {Probed}";
        }
        return statements;
    }

    private static string[] Build(string columns)
    {
        var statements = new string[From.Length * 2];
        for (var i = 0; i < From.Length; i++)
        {
            statements[i * 2] = $"SELECT {columns}{From[i]}{Order[i]}";
            statements[(i * 2) + 1] = $"SELECT {columns}{From[i]}{Order[i]} DESC";
        }
        return statements;
    }
}
