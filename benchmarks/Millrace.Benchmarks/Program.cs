using System.Runtime.InteropServices;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.PostgreSql;
using Millrace.Benchmarks.Raw;
using Millrace.Benchmarks.Scenarios;

var (arguments, problem) = BenchmarkArguments.Parse(args);
if (arguments is null)
{
    Console.Error.WriteLine($"{problem} Try --help.");
    return 2;
}
if (arguments.IsHelp)
{
    Console.WriteLine(BenchmarkArguments.Help);
    return 0;
}

await using var database = arguments.IsPostgreSql ? await BenchDatabase.Open(arguments.Database) : null;
IScenario[] scenarios = database is not null ? PostgreSqlScenarios.On(database) :
[
    new AppendScenario("append-32x1", writers: 32, events: 1, sizes => sizes.SingleAppends, goal: 0.85, p99LimitMs: 10),
    new AppendScenario("append-8x100", writers: 8, events: 100, sizes => sizes.BulkAppends, goal: 0.8),
    new SequentialAppendScenario(),
    new CommandScenario(),
    new ScanScenario(),
    new RebuildScenario(),
    new RebuildBesideScenario(),
    new FailurePolicyScenario(),
    new VisibleScenario(),
    new GrowthScenario(),
    new WhyScenario(),
    new DispatchScenario(),
    new SpecificationScenario(),
    new FormatScenario(),
    new FormatStoreScenario(),
    new UpcastScenario(),
];
var wanted = scenarios.Where(arguments.Wants).ToArray();
if (wanted.Length == 0)
{
    Console.Error.WriteLine(
        $"No benchmark has that name. There are: {string.Join(", ", scenarios.SelectMany(scenario => scenario.Names))}.");
    return 2;
}

Console.WriteLine(
    $"{RuntimeInformation.FrameworkDescription}, {database?.Version ?? $"SQLite {RawConnection.Version}, synchronous=FULL"}, "
    + $"{Environment.ProcessorCount} processors, "
    + $"{RuntimeInformation.OSDescription}; "
    + $"events of {SampleLines.Instance.AverageBytes:0} bytes in {SampleLines.Keys:N0} streams; {arguments.Sizes.Name}.");
ResultTable.WriteHeader(Console.Out);
using var run = new BenchmarkRun(arguments.Sizes, arguments.ScratchParent, Console.Out);
var results = new List<BenchmarkResult>();
foreach (var scenario in wanted)
{
    foreach (var result in await scenario.Run(run))
    {
        results.Add(result);
        ResultTable.Write(Console.Out, result);
    }
}
if (arguments.JsonFile is { } file)
    ResultJson.Write(file, results);
return 0;
