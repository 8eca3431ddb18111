namespace Millrace;

/// <summary>An instance that was picked for one request.</summary>
public sealed class ServicePick : IDisposable
{
    private readonly ServicePicker _picker;
    private int _isDone;

    internal ServicePick(ServicePicker picker, ServiceInstance instance) => (_picker, Instance) = (picker, instance);

    /// <summary>Gets the instance.</summary>
    public ServiceInstance Instance { get; }

    /// <summary>Records that the request has completed.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDone, 1) == 0)
            _picker.Done(Instance);
    }
}
