using System.Diagnostics.Metrics;

namespace Millrace.Hosting;

/// <summary>Creates the meters of one tenant, and disposes them when the tenant is closed.</summary>
internal sealed class TenantMeters(IMeterFactory? outer, TenantId tenant) : IMeterFactory
{
    private readonly Lock _lock = new();
    private readonly List<Meter> _meters = [];

    public Meter Create(MeterOptions options)
    {
        lock (_lock)
        {
            var known = _meters.Find(meter => meter.Name == options.Name);
            if (known is not null)
                return known;
            var meter = new Meter(new MeterOptions(options.Name)
            {
                Version = options.Version,
                Tags = [new("millrace.tenant", tenant.Value)],
                Scope = outer,
            });
            _meters.Add(meter);
            return meter;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var meter in _meters)
                meter.Dispose();
        }
    }
}
