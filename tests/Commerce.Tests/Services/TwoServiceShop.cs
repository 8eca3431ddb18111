using Commerce.Services;
using Commerce.Tests.Payments;

namespace Commerce.Tests.Services;

/// <summary>
/// The shop as an order service and an inventory service with separate stores and a broker. A test can kill each
/// service and restart it with its data.
/// </summary>
/// <remarks><c>await TwoServiceShop.Start(ShopBroker.RabbitMq, server.Uri, data, bank)</c>;
/// <c>pair.Inventory.Kill()</c>; <c>await pair.Inventory.Restart()</c>.</remarks>
internal sealed class TwoServiceShop : IDisposable
{
    private TwoServiceShop(ServiceProgram orders, ServiceProgram inventory) =>
        (Orders, Inventory) = (orders, inventory);

    public ServiceProgram Orders { get; }

    public ServiceProgram Inventory { get; }

    /// <summary>Starts both services, and returns when they are ready.</summary>
    /// <param name="broker">The kind of broker.</param>
    /// <param name="address">The address of the broker.</param>
    /// <param name="data">The directory of the stores.</param>
    /// <param name="bank">The payment service.</param>
    /// <param name="furtherArguments">Additional arguments for both services.</param>
    public static async Task<TwoServiceShop> Start(
        ShopBroker broker, string address, string data, RunningCardPayments bank, params string[] furtherArguments)
    {
        string[] commonArguments =
        [
            "--services", $"{broker}", address, "--data", data, "--port", "0", "--no-simulation", .. furtherArguments,
        ];
        var inventory = new ServiceProgram([.. commonArguments, "--role", "inventory"]);
        var orders = new ServiceProgram([.. commonArguments, "--role", "orders", "--payments", $"{bank.Address}"]);
        var pair = new TwoServiceShop(orders, inventory);
        try
        {
            await inventory.Start();
            await orders.Start();
            return pair;
        }
        catch
        {
            pair.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Orders.Dispose();
        Inventory.Dispose();
    }
}
