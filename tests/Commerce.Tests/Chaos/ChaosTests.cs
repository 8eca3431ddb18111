using System.Globalization;
using System.Runtime.CompilerServices;
using Xunit.Abstractions;

namespace Commerce.Tests.Chaos;

/// <summary>
/// Chaos under load: the shop's programs, the payment service, the databases and the brokers are killed and started
/// again at random while people order. Afterwards stock, money and orders add up, each order is at its end or held with
/// its reason, and nothing was lost or done twice, in the shop and by whoever hears of it. The shop is one program with
/// several nodes, or two services with a broker between.
/// </summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const string Seed = "MILLRACE_CHAOS_SEED";
    private const string Minutes = "MILLRACE_CHAOS_MINUTES";

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1";

    [ChaosFact]
    public Task Whatever_dies_stock_money_and_orders_add_up() =>
        Run(ChaosShop.Start, TimeSpan.FromMinutes(IsLong ? 10 : 0.5));

    [ChaosFact]
    public Task Whatever_dies_of_two_services_over_RabbitMQ_they_add_up_and_agree() =>
        Run(ChaosServices.StartOverRabbitMq, TimeSpan.FromMinutes(IsLong ? 5 : 0.25));

    [ChaosFact]
    public Task Whatever_dies_of_two_services_over_Redis_they_add_up_and_agree() =>
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
#pragma warning disable CA1031 // Whatever went wrong is told with all that is left.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            var bundle = await ChaosBundle.Write(world, again, seed, failure);
            Assert.Fail($"{failure}\nAgain: {again}\nAll that is known: {bundle}");
        }
    }
}
