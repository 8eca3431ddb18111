using System.Runtime.InteropServices;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Http;
using Millrace.Benchmarks.Keeping;
using Millrace.Benchmarks.Messaging;
using Millrace.Benchmarks.Operations;
using Millrace.Benchmarks.PostgreSql;
using Millrace.Benchmarks.Scenarios;
using Millrace.Benchmarks.Storages;
using Millrace.Benchmarks.Trust;

if (args is [NodeProcess.Option, .. var work])
    return await BenchNode.Run(work);
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
IBenchStorage storage = database is null ? new SqliteFiles() : database;
await using var messaging = arguments.IsMessaging ? new MessagingScenarios() : null;
var scenarios = messaging?.All() ?? (database, arguments) switch
{
    (_, { IsTrust: true }) => TrustScenarios.All(),
    (_, { IsKeeping: true }) => KeepingScenarios.All(),
    (_, { IsOperations: true }) => OperationsScenarios.All(),
    (null, _) => SqliteScenarios.All(),
    (var server, { IsHttp: true }) => [new HttpScenario(server), new HttpIdleScenario(server)],
    (var server, { WithPeers: true }) => PostgreSqlScenarios.Peers(server),
    (var server, _) => PostgreSqlScenarios.CreateFor(server),
};
var selected = scenarios.Where(scenario => arguments.Wants(scenario, storage.Prefix)).ToArray();
if (selected.Length == 0)
{
    var names = scenarios.SelectMany(scenario => scenario.Names).Select(name => storage.Prefix + name);
    Console.Error.WriteLine($"No benchmark has that name. The benchmarks are: {string.Join(", ", names)}.");
    return 2;
}

Console.WriteLine(
    $"{RuntimeInformation.FrameworkDescription}, {storage.Description}, "
        + $"{Environment.ProcessorCount} processors, "
        + $"{RuntimeInformation.OSDescription}; "
        + $"events of {SampleLines.Instance.AverageBytes:0} bytes in {SampleLines.Keys:N0} streams; "
        + $"{arguments.Sizes.Name}."
);
ResultTable.WriteHeader(Console.Out);
await using var run = new BenchmarkRun(storage, arguments.Sizes, arguments.ScratchParent, Console.Out);
var results = new List<BenchmarkResult>();
foreach (var scenario in selected)
{
    foreach (var found in await scenario.Run(run))
    {
        var result = found with { Name = storage.Prefix + found.Name };
        results.Add(result);
        ResultTable.Write(Console.Out, result);
    }
}
if (arguments.JsonFile is { } file)
    ResultJson.Write(file, results);
return 0;
