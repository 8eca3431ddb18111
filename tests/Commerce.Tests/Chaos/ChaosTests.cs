using System.Globalization;
using System.Runtime.CompilerServices;
using Xunit.Abstractions;

namespace Commerce.Tests.Chaos;

/// <summary>
/// Tests the shop while programs, the payment service, the databases and the brokers are killed and restarted at random
/// and customers order. Afterwards, stock, money and orders agree, and each order is complete or held with a reason.
/// No event was lost or handled twice in the shop or in its listeners. The shop is one program with several nodes, or
/// two services with a broker.
/// </summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const string Seed = "MILLRACE_CHAOS_SEED";
    private const string Minutes = "MILLRACE_CHAOS_MINUTES";

    [ChaosFact]
    public Task Stock_money_and_orders_agree_after_crashes() =>
        Run(ChaosShop.Start, TimeSpan.FromMinutes(TestRun.IsLong ? 10 : 0.25));

    [ChaosFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public Task The_totals_of_two_services_over_RabbitMQ_agree_after_crashes() =>
        Run(ChaosServices.StartOverRabbitMq, TimeSpan.FromMinutes(TestRun.IsLong ? 5 : 0.25));

    [ChaosFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public Task The_totals_of_two_services_over_Redis_agree_after_crashes() =>
        Run(ChaosServices.StartOverRedis, TimeSpan.FromMinutes(TestRun.IsLong ? 5 : 0.25));

    private async Task Run(Func<Task<ChaosWorld>> start, TimeSpan minDuration, [CallerMemberName] string test = "")
    {
        var seedText = Environment.GetEnvironmentVariable(Seed);
        var seed = seedText is null ? Random.Shared.Next(100_000) : int.Parse(seedText, CultureInfo.InvariantCulture);
        if (Environment.GetEnvironmentVariable(Minutes) is { } minutes)
            minDuration = TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture));
        var replayCommand = string.Create(
            CultureInfo.InvariantCulture, $"{Seed}={seed} {Minutes}={minDuration.TotalMinutes} ./test --only {test}");
        output.WriteLine($"Repeat: {replayCommand}");
        await using var world = await start();
        try
        {
            await new ChaosRun(world, seed, minDuration, output).Play();
        }
#pragma warning disable CA1031 // The test reports every failure with a bundle.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            var bundle = await ChaosBundle.Write(world, replayCommand, seed, failure);
            Assert.Fail($"{failure}\nRepeat: {replayCommand}\nBundle: {bundle}");
        }
    }
}
