using System.Security.Claims;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Trust;

/// <summary>
/// Measures commands that load an aggregate, decide and append, with access control and an audit trail. The comparison
/// sends the same commands without both.
/// </summary>
internal sealed class ControlledCommandScenario(string name, int senders, Func<Sizes, int> commands) : IScenario
{
    private const string Role = "clerk";

    private static readonly string[] Keys = [.. SampleLines.Streams.Select(stream => stream.Key)];

    private static readonly SendOptions ByClerk = new()
    {
        User = new ClaimsPrincipal(new ClaimsIdentity([new("sub", "ada"), new("role", Role)], "benchmark")),
    };

    public IReadOnlyList<string> Names { get; } = [name];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        Task<Round> Again() => Send(run, Control);
        var rounds = await PairedRounds.RunAlternating(run.Sizes.Rounds, _ => Send(run, null), _ => Again());
        return [await run.Explain(BenchmarkResult.OfRates(name, "commands/s", rounds, goal: 0.85), Again)];
    }

    private static void Control(MillraceBuilder millrace) => millrace
        .AddAccessControl(access => access.Role(Role, role => role.MaySend<AddLine>()))
        .AddAudit();

    private async Task<Round> Send(BenchmarkRun run, Action<MillraceBuilder>? configure)
    {
        await using var store = await run.Storage.NewStore(run);
        await using var application = await TrustApplication.StartPlain(
            store, configure, static model => model.Aggregate(Basket.Definition).Command(AddLine.Definition));
        var bus = application.Get<ICommandBus>();
        return await WriterLoad.Run(senders, commands(run.Sizes), 1, async (sender, i) =>
        {
            var key = ((i * senders) + sender) % SampleLines.Keys;
            await bus.Send(new AddLine(Keys[key], SampleLines.Instance.Line(key)), ByClerk);
        });
    }
}
