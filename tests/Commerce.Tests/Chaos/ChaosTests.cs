using System.Globalization;
using System.Runtime.CompilerServices;
using Xunit.Abstractions;

namespace Commerce.Tests.Chaos;

/// <summary>
/// Chaos under load: the shop's programs, the payment service, the databases and the brokers are killed and restarted
/// at random while customers order. Afterwards stock, money and orders add up, each order is complete or held with its
/// reason, and nothing was lost or done twice, in the shop and in its listeners. The shop is one program with several
/// nodes, or two services with a broker.
/// </summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const string Seed = "MILLRACE_CHAOS_SEED";
    private const string Minutes = "MILLRACE_CHAOS_MINUTES";

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1";

    [ChaosFact]
    public Task Stock_money_and_orders_add_up_after_crashes() =>
        Run(ChaosShop.Start, TimeSpan.FromMinutes(IsLong ? 10 : 0.5));

    [ChaosFact]
    public Task Two_services_over_RabbitMQ_add_up_and_agree_after_crashes() =>
        Run(ChaosServices.StartOverRabbitMq, TimeSpan.FromMinutes(IsLong ? 5 : 0.25));

    [ChaosFact]
    public Task Two_services_over_Redis_add_up_and_agree_after_crashes() =>
        Run(ChaosServices.StartOverRedis, TimeSpan.FromMinutes(IsLong ? 5 : 0.25));

    private async Task Run(Func<Task<ChaosWorld>> start, TimeSpan lasting, [CallerMemberName] string test = "")
    {
        var given = Environment.GetEnvironmentVariable(Seed);
        var seed = given is null ? Random.Shared.Next(100_000) : int.Parse(given, CultureInfo.InvariantCulture);
        if (Environment.GetEnvironmentVariable(Minutes) is { } minutes)
            lasting = TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture));
        var again = string.Create(
            CultureInfo.InvariantCulture, $"{Seed}={seed} {Minutes}={lasting.TotalMinutes} ./test --only {test}");
        output.WriteLine($"Again: {again}");
        await using var world = await start();
        try
        {
            await new ChaosRun(world, seed, lasting, output).Play();
        }
#pragma warning disable CA1031 // Every failure is reported with all artefacts.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            var bundle = await ChaosBundle.Write(world, again, seed, failure);
            Assert.Fail($"{failure}\nAgain: {again}\nAll that is known: {bundle}");
        }
    }
}
