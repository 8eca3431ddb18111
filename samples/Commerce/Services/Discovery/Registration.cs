using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Commerce.Services.Discovery;

/// <summary>Registers this service under its name once it can be reached, and removes it as soon as it stops.</summary>
public sealed partial class Registration(
    ShopOptions options,
    IServiceRegistry registry,
    IServer server,
    HttpClient http,
    IHostApplicationLifetime host,
    TimeProvider time,
    ILoggerFactory loggers)
    : BackgroundService
{
    /// <summary>The time after which clients no longer find a crashed service.</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(9);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Returns the name under which a service is found.</summary>
    public static string NameOf(ShopRole role) => role == ShopRole.Inventory ? "inventory" : "orders";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, host.ApplicationStopping);
        if (!await HasStarted(ending.Token))
            return;
        // The server has an address, so it has started.
        var address = new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.First());
        var (name, health) = (NameOf(options.Role), new Uri(address, "/health"));
        var instance = new ServiceInstance($"{name}-{Environment.ProcessId}", name, address.Host, address.Port)
        {
            Tags = [$"over-{options.Broker}".ToLowerInvariant()],
        };
        await using var registrar = await Register(instance, health, ending.Token);
        await WaitUntilCancelled(ending.Token);
    }

    private async Task<bool> HasStarted(CancellationToken stopping)
    {
        using var any = CancellationTokenSource.CreateLinkedTokenSource(stopping, host.ApplicationStarted);
        await WaitUntilCancelled(any.Token);
        return !stopping.IsCancellationRequested;
    }

    private static async Task WaitUntilCancelled(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = token.Register(() => cancelled.TrySetResult());
        await cancelled.Task;
    }

    /// <summary>Registers the service as soon as the registry is available; returns null when the program
    /// stops before that.</summary>
    private async Task<ServiceRegistrar?> Register(ServiceInstance instance, Uri health, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                return await ServiceRegistrar.Register(
                    registry,
                    instance,
                    TimeToLive,
                    async cancel =>
                    {
                        using var answer = await http.GetAsync(health, cancel);
                        return answer.IsSuccessStatusCode;
                    },
                    time,
                    loggers.CreateLogger<ServiceRegistrar>(),
                    stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return null;
            }
            catch (MillraceException exception) when (exception.IsTransient)
            {
                Log.NotRegistered(loggers.CreateLogger<Registration>(), instance.Name, exception.Message);
                await Task.Delay(RetryDelay, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 1,
            Level = LogLevel.Warning,
            Message = "'{Service}' is not registered yet and will be retried: {Reason}")]
        public static partial void NotRegistered(ILogger logger, string service, string reason);
    }
}
