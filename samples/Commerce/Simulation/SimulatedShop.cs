using Commerce.Payments;
using Commerce.SharedKernel;
using Commerce.Statistics;

namespace Commerce.Simulation;

/// <summary>
/// Runs the simulated shop until the program stops. Customers come more often by day than by night, browse, buy, pay
/// and sometimes return goods. The staff pack, ship and restock. Everything uses the same commands and read models as
/// for real customers.
/// </summary>
public sealed partial class SimulatedShop(
    SimulatedCustomers customers,
    SimulatedStaff staff,
    Sales sales,
    ShopClock clock,
    Random random,
    TimeProvider time,
    ILogger<SimulatedShop> logger)
    : BackgroundService
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(120);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var last = (await sales.Totals(default, stoppingToken)).Last;
        if (last != default)
            clock.ResumeFrom(last.AddMinutes(1));
        await Try(staff.Open, stoppingToken);
        using var timer = new PeriodicTimer(Step, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (random.NextDouble() < SimulatedWorld.TrafficAt(clock.Now.Hour))
                await Try(customers.Visit, stoppingToken);
            await Try(staff.Work, stoppingToken);
        }
    }

    /// <summary>
    /// Returns whether an exception is an answer that customers and staff must expect. For example, the last piece was
    /// sold, the order was cancelled, or the payment service does not answer.
    /// </summary>
    public static bool IsRefusal(Exception exception) =>
        exception is MillraceException or CardPaymentsUnavailableException or CardPaymentsRefusedException;

    /// <summary>Runs a step and ignores a refusal. Another exception stops the shop.</summary>
    private async Task Try(Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await step(cancellationToken);
        }
        catch (Exception refused) when (IsRefusal(refused))
        {
            Log.Refused(logger, refused.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "The simulated shop was refused: {Reason}")]
        public static partial void Refused(ILogger logger, string reason);
    }
}
