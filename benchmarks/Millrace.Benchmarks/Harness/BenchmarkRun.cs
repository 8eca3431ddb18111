using Millrace.Benchmarks.Storages;
using Millrace.Storage;

namespace Millrace.Benchmarks.Harness;

/// <summary>The shared state of the scenarios of one run.</summary>
internal sealed class BenchmarkRun(IBenchStorage storage, Sizes sizes, string scratchParent, TextWriter output)
    : IAsyncDisposable
{
    private IBenchStore? _log;
    private List<CommitProfile>? _profiles;
    private bool _hasExplained;

    public Sizes Sizes { get; } = sizes;

    /// <summary>Gets the measured storage.</summary>
    public IBenchStorage Storage { get; } = storage;

    /// <summary>Creates a directory for one round.</summary>
    public ScratchDirectory NewDirectory() => new(scratchParent);

    /// <summary>Writes a line to the output.</summary>
    public void Report(string text) => output.WriteLine(text);

    /// <summary>Returns the log that several scenarios read. The first call creates the log.</summary>
    public async Task<IBenchStore> GetLog() => _log ??= await Storage.NewStore(this, Sizes.LogEvents);

    /// <summary>
    /// Returns the storage. While <see cref="Explain"/> measures again, returns a storage that times its commits.
    /// </summary>
    public IStorage Profiled(IStorage opened)
    {
        if (_profiles is not { } profiles)
            return opened;
        var profiled = new ProfiledStorage(opened);
        profiles.Add(profiled.Profile);
        return profiled;
    }

    /// <summary>
    /// When a goal is missed, measures one more round with a cost breakdown. A run with a single round only checks that
    /// the benchmarks work, so it breaks down only the first missed goal.
    /// </summary>
    public async Task<BenchmarkResult> Explain(BenchmarkResult result, Func<Task<Round>> measureAgain)
    {
        if (result.Met || (_hasExplained && Sizes.Rounds == 1))
            return result;
        _hasExplained = true;
        var profiles = _profiles = [];
        try
        {
            var watch = await Storage.Watch();
            var round = await measureAgain();
            var server = watch is null ? "" : " " + await watch.Describe(profiles.Sum(profile => profile.Batches));
            var commits = profiles.Any(profile => profile.Batches > 0) ? $"; {CommitProfile.Describe(profiles)}" : "";
            return result with { Note = $"{result.Note} Again: {round.Costs}{commits}.{server}".Trim() };
        }
        finally
        {
            _profiles = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_log is not null)
            await _log.DisposeAsync();
    }
}
