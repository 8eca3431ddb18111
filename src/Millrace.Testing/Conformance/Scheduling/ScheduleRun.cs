namespace Millrace.Testing.Conformance.Scheduling;

/// <summary>
/// Applies the same random operations to a storage and to the model, and compares every outcome. At intervals, it
/// also compares the whole content.
/// </summary>
internal sealed class ScheduleRun
{
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromMilliseconds(12);

    private readonly StorageProbe _probe;
    private readonly StoreModel _model = new();
    private readonly ScheduleSource _source;
    private readonly int _seed;
    private int _step;

    public ScheduleRun(StorageProbe probe, int seed)
    {
        _probe = probe;
        _seed = seed;
        _source = new ScheduleSource(_model, seed);
    }

    public async Task Run(int steps)
    {
        await _probe.Documents.EnsureCollection(ScheduleSource.Definition, _probe.Cancel);
        await Divide(3);
        for (var i = 0; i < steps; i++)
        {
            _step++;
            _probe.Now += TimeSpan.FromMicroseconds(_source.Chance(10) ? -_source.Next(5_000) : _source.Next(3_000));
            if (_source.Chance(25))
                await ChangeLeases();
            await CommitBatch();
            if (_source.Chance(8))
                await Compare();
        }
        await Compare();
    }

    public Task Compare() => CompareWith(_probe);

    /// <summary>Compares the whole content of a storage with the content of the model.</summary>
    public Task CompareWith(StorageProbe probe) =>
        new ScheduleComparison(probe, _model, $"seed {_seed}, step {_step}").Run();

    private async Task CommitBatch()
    {
        var now = _probe.Now;
        var batch = _source.Batch(now);
        var outcomes = await _probe.Commit(batch);
        for (var i = 0; i < batch.Length; i++)
        {
            var expected = _model.Apply(batch[i], now, outcomes[i].DocumentVersion);
            expected.Compare(outcomes[i], $"seed {_seed}, step {_step}, request {i + 1} of {batch.Length}");
        }
    }

    private async Task Divide(int partitions)
    {
        var isDone = await _probe.Leases.Divide(ScheduleSource.Consumer, partitions, _probe.Cancel);
        Expect.Equal(
            _model.Divide(partitions), isDone, $"seed {_seed}, step {_step}: whether it is divided into {partitions}");
    }

    private async Task ChangeLeases()
    {
        var partition = _source.Next(3);
        var node = _source.Node();
        var epoch = _model.Partitions.GetValueOrDefault(partition).Epoch - (_source.Chance(20) ? 1 : 0);
        switch (_source.Next(10))
        {
            case 0:
                await _probe.Leases.Release(ScheduleSource.Consumer, partition, epoch, _probe.Cancel);
                _model.Release(partition, epoch);
                break;
            case 1:
                await _probe.Leases.Reset(ScheduleSource.Consumer, epoch, _probe.Cancel);
                _model.Reset(epoch);
                break;
            case 2:
                await Divide(1 + _source.Next(6));
                break;
            default:
                await _probe.Leases.Acquire(
                    ScheduleSource.Consumer, partition, node, LeaseDuration, _probe.Now, _probe.Cancel);
                _model.Acquire(partition, node, LeaseDuration, _probe.Now);
                break;
        }
    }
}
