namespace Millrace.Benchmarks.Harness;

/// <summary>The options of the command line.</summary>
internal sealed record BenchmarkArguments(
    Sizes Sizes, string? JsonFile, IReadOnlyList<string> Only, string ScratchParent, bool IsHelp)
{
    /// <summary>True to measure PostgreSQL instead of SQLite.</summary>
    public bool IsPostgreSql { get; init; }

    /// <summary>True to measure other event stores as well.</summary>
    public bool WithPeers { get; init; }

    /// <summary>True to measure messages and processes instead of the store.</summary>
    public bool IsMessaging { get; init; }

    /// <summary>True to measure HTTP requests instead of the store.</summary>
    public bool IsHttp { get; init; }

    /// <summary>The database; null for a private server.</summary>
    public string? Database { get; init; }

    public const string Help = """
        Measures Millrace beside the bare driver doing the same durable work, in turn, in one run.

        Usage: ./bench [options]
          --postgres [URL] measures on PostgreSQL: in that database, or on a private server that is started for it
          --peers          on PostgreSQL, Marten, message-db and Emmett beside Millrace instead: the last two need Node.js,
                           and npm to fetch them
          --http           requests over HTTP to the same application on Millrace, on one SQL statement, on Marten and on Wolverine,
                           on PostgreSQL (a private server, or that of --postgres); needs wrk
          --messaging      messages over RabbitMQ, Redis and Kafka, and processes: on SQLite, or on PostgreSQL with --postgres;
                           the brokers are private servers that are started for it
          --quick          smaller data, under three minutes
          --long           the log grows to 5,000,000 events; on PostgreSQL to 20,000,000, and a snapshot is held for ten minutes
          --tiny           only to see that everything runs
          --only NAME      only this benchmark; may be repeated, and the beginning of a name is enough
          --json FILE      also writes the results as JSON: an array of
                           {name, millrace, raw, ratio, p50ms, p95ms, p99ms, bytesPerOp, goal, met}
          --scratch DIR    where the files are made and deleted again; a real disk (default: artifacts/bench)
        Exit code: 0, also when a goal is missed (the table and "met" say so); 2 for a wrong option.
        """;

    /// <summary>Reads the command line; the second value is the error.</summary>
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
                case "--messaging":
                    result = result with { IsMessaging = true };
                    break;
                case "--http":
                    result = result with { IsHttp = true, IsPostgreSql = true };
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
                case "--json" or "--only" or "--scratch" when value is null:
                    return (null, $"{args[i]} needs a value.");
                case "--json":
                    result = result with { JsonFile = value };
                    i++;
                    break;
                case "--only":
                    result = result with { Only = [.. result.Only, value!] };
                    i++;
                    break; // The case above refused null.
                case "--scratch":
                    result = result with { ScratchParent = value! };
                    i++;
                    break; // The case above refused null.
                default:
                    return (null, $"'{args[i]}' is not an option.");
            }
        }
        return result is { WithPeers: true, IsPostgreSql: false }
            ? (null, "--peers needs --postgres.")
            : (result, null);
    }

    /// <summary>Returns true when a scenario was selected by its name, with or without the prefix of its
    /// storage.</summary>
    public bool Wants(IScenario scenario, string prefix) =>
        Only.Count == 0
        || scenario.Names.Any(name => Only.Any(wanted => Begins(name, wanted) || Begins(prefix + name, wanted)));

    private static bool Begins(string name, string wanted) =>
        name.StartsWith(wanted, StringComparison.OrdinalIgnoreCase);
}
