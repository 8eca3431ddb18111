namespace Commerce.Services.Discovery;

/// <summary>Watches the other service, and logs when it becomes unavailable or available.</summary>
public sealed partial class RemoteServiceWatcher(
    ShopOptions options, IServiceRegistry registry, ILogger<RemoteServiceWatcher> logger) : BackgroundService
{
    private volatile IReadOnlyList<ServiceInstance> _found = [];
    private bool _wasAvailable;

    /// <summary>The name of the other service.</summary>
    public string Name { get; } =
        Registration.NameOf(options.Role == ShopRole.Orders ? ShopRole.Inventory : ShopRole.Orders);

    /// <summary>The healthy instances of the other service, as last reported by the registry.</summary>
    public IReadOnlyList<ServiceInstance> Found => _found;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var found in registry.Watch(Name, stoppingToken))
                Update(found);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private void Update(IReadOnlyList<ServiceInstance> found)
    {
        _found = found;
        if (_wasAvailable && found.Count == 0)
            Log.Gone(logger, Name);
        else if (found.Count > 0)
            Log.There(logger, Name, found.Count);
        _wasAvailable = found.Count > 0;
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 1, Level = LogLevel.Warning, Message = "No instance of '{Service}' is healthy any more.")]
        public static partial void Gone(ILogger logger, string service);

        [LoggerMessage(
            EventId = 2, Level = LogLevel.Information, Message = "{Count} instances of '{Service}' are healthy.")]
        public static partial void There(ILogger logger, string service, int count);
    }
}
