namespace Millrace;

/// <summary>An instance that was picked for something to be asked of it.</summary>
public sealed class ServicePick : IDisposable
{
    private readonly ServicePicker _picker;
    private int _isDone;

    internal ServicePick(ServicePicker picker, ServiceInstance instance) => (_picker, Instance) = (picker, instance);

    /// <summary>The instance.</summary>
    public ServiceInstance Instance { get; }

    /// <summary>Says that it is done.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDone, 1) == 0)
            _picker.Done(Instance);
    }
}
