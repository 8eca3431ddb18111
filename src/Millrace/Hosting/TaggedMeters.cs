using System.Diagnostics.Metrics;

namespace Millrace.Hosting;

/// <summary>
/// Creates the meters of one tenant or shard, whose measurements have a tag. Disposes them with the tenant or shard.
/// </summary>
internal sealed class TaggedMeters(IMeterFactory? outer, string tag, string value) : IMeterFactory
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
                Tags = [new(tag, value)],
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
