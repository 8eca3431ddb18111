using System.Globalization;

namespace Millrace.Benchmarks.Harness;

/// <summary>The options of the command line.</summary>
internal sealed record BenchmarkArguments(
    Sizes Sizes, string? JsonFile, IReadOnlyList<string> Only, string ScratchParent, bool IsHelp)
{
    /// <summary>Gets whether the run measures PostgreSQL instead of SQLite.</summary>
    public bool IsPostgreSql { get; init; }

    /// <summary>Gets whether the run measures other event stores against Millrace.</summary>
    public bool WithPeers { get; init; }

    /// <summary>Gets whether the run measures messages and processes instead of the store.</summary>
    public bool IsMessaging { get; init; }

    /// <summary>Gets whether the run measures HTTP requests instead of the store.</summary>
    public bool IsHttp { get; init; }

    /// <summary>Gets whether the run measures encryption, access control, seals and erasures.</summary>
    public bool IsTrust { get; init; }

    /// <summary>Gets whether the run measures backups, restores and cached answers.</summary>
    public bool IsKeeping { get; init; }

    /// <summary>Gets whether the run measures the performance monitor.</summary>
    public bool IsOperations { get; init; }

    /// <summary>Gets the number of events in a restored log; null for the size of the run.</summary>
    public long? Events { get; init; }

    /// <summary>Gets the URL of the database, or null to start a private server.</summary>
    public string? Database { get; init; }

    public const string Help = """
        Measures Millrace and the bare driver with the same durable work, in turn, in one run.

        Usage: ./bench [options]

          --postgres [URL] measures on PostgreSQL. URL selects a database; without it, a private server is started
          --peers          measures Marten, message-db and Emmett against Millrace on PostgreSQL. message-db and
                           Emmett need Node.js, and npm to download them
          --http           measures HTTP requests to the same application on Millrace, on one SQL statement, on Marten
                           and on Wolverine. Uses PostgreSQL: a private server, or the URL of --postgres. Needs wrk
          --messaging      measures messages over RabbitMQ, Redis and Kafka, and processes, on SQLite, or on PostgreSQL
                           with --postgres. The brokers are private servers
          --trust          measures encryption, access control with audit, seals and erasures against the same work
                           without them ("raw"), on SQLite, or on PostgreSQL with --postgres
          --keeping        measures continuous backups against the same work without them ("raw"), a restore, and
                           answers of the query cache against FusionCache and Redis; on SQLite, or on PostgreSQL
                           with --postgres
          --operations     measures appends with the performance monitor against appends without it ("raw"), and a
                           consumer that adapts to a changing load against fixed settings; on SQLite, or on PostgreSQL
                           with --postgres
          --events N       the number of events that --keeping restores, such as 10000000
          --quick          uses smaller data, under three minutes
          --long           the log grows to 5,000,000 events. On PostgreSQL, it grows to 20,000,000 events, and a
                           snapshot stays open for ten minutes
          --tiny           only checks that everything runs
          --only NAME      runs only the benchmarks whose names start with NAME. Can be repeated
          --json FILE      also writes the results as JSON, an array of
                           {name, millrace, raw, ratio, p50ms, p95ms, p99ms, bytesPerOp, goal, met}
          --scratch DIR    the folder for temporary files, on a real disk (default: artifacts/bench)

        Exit code: 0, also when a goal is missed (see the table and "met"); 2 for a wrong option.
        """;

    /// <summary>Parses the command line. Returns either the arguments or an error.</summary>
    public static (BenchmarkArguments? Arguments, string? Problem) Parse(string[] args)
    {
        var result = new BenchmarkArguments(Sizes.Full, null, [], Path.Combine("artifacts", "bench"), IsHelp: false);
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--postgres":
                    var hasAddress = value is not null && !value.StartsWith("--", StringComparison.Ordinal);
                    result = result with { IsPostgreSql = true, Database = hasAddress ? value : null };
                    i += hasAddress ? 1 : 0;
                    break;
                case "--messaging" or "--trust" or "--keeping" or "--operations" or "--http":
                    result = WithGroup(result, args[i]);
                    break;
                case "--peers":
                    result = result with { WithPeers = true };
                    break;
                case "--quick":
                    result = result with { Sizes = Sizes.Quick };
                    break;
                case "--long":
                    result = result with { Sizes = Sizes.Long };
                    break;
                case "--tiny":
                    result = result with { Sizes = Sizes.Tiny };
                    break;
                case "--help" or "-h":
                    result = result with { IsHelp = true };
                    break;
                case "--json" or "--only" or "--scratch" or "--events" when value is null:
                    return (null, $"{args[i]} needs a value.");
                case "--json":
                    result = result with { JsonFile = value };
                    i++;
                    break;
                case "--only":
                    result = result with { Only = [.. result.Only, value!] };
                    i++;
                    break; // The case above refused null.
                case "--events":
                    if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var events))
                        return (null, $"'{value}' is not a number of events.");
                    result = result with { Events = events };
                    i++;
                    break;
                case "--scratch":
                    result = result with { ScratchParent = value! };
                    i++;
                    break; // The case above refused null.
                default:
                    return (null, $"'{args[i]}' is not an option.");
            }
        }
        if (result.Events is { } count)
            result = result with { Sizes = result.Sizes with { RestoredEvents = count } };
        return result is { WithPeers: true, IsPostgreSql: false }
            ? (null, "--peers needs --postgres.")
            : (result, null);
    }

    private static BenchmarkArguments WithGroup(BenchmarkArguments arguments, string option) => option switch
    {
        "--messaging" => arguments with { IsMessaging = true },
        "--trust" => arguments with { IsTrust = true },
        "--keeping" => arguments with { IsKeeping = true },
        "--operations" => arguments with { IsOperations = true },
        _ => arguments with { IsHttp = true, IsPostgreSql = true },
    };

    /// <summary>
    /// Returns whether the command line selects a scenario by name, with or without the prefix of its storage.
    /// </summary>
    public bool Wants(IScenario scenario, string prefix) =>
        Only.Count == 0
        || scenario.Names.Any(name => Only.Any(selected => Begins(name, selected) || Begins(prefix + name, selected)));

    private static bool Begins(string name, string selected) =>
        name.StartsWith(selected, StringComparison.OrdinalIgnoreCase);
}
