using Millrace.Benchmarks.Storages;
using Millrace.Storage;

namespace Millrace.Benchmarks.Harness;

/// <summary>What the scenarios of one run share.</summary>
internal sealed class BenchmarkRun(IBenchStorage storage, Sizes sizes, string scratchParent, TextWriter output)
    : IAsyncDisposable
{
    private IBenchStore? _log;
    private List<CommitProfile>? _profiles;
    private bool _hasExplained;

    public Sizes Sizes { get; } = sizes;

    /// <summary>What is measured on.</summary>
    public IBenchStorage Storage { get; } = storage;

    /// <summary>Makes a directory for one round.</summary>
    public ScratchDirectory NewDirectory() => new(scratchParent);

    /// <summary>Tells people what is going on.</summary>
    public void Report(string text) => output.WriteLine(text);

    /// <summary>A log that is read by several scenarios; made by the first that needs it.</summary>
    public async Task<IBenchStore> GetLog() => _log ??= await Storage.NewStore(this, Sizes.LogEvents);

    /// <summary>The storage, with its commits timed while a goal that was missed is looked into.</summary>
    public IStorage Profiled(IStorage opened)
    {
        if (_profiles is not { } profiles)
            return opened;
        var profiled = new ProfiledStorage(opened);
        profiles.Add(profiled.Profile);
        return profiled;
    }

    /// <summary>
    /// Where a goal is missed, measures once more with a look at where the time goes. Of one round only the first is
    /// looked into: its figures mean nothing, and it is there to see that this runs.
    /// </summary>
    public async Task<BenchmarkResult> Explain(BenchmarkResult result, Func<Task<Round>> again)
    {
        if (result.Met || (_hasExplained && Sizes.Rounds == 1))
            return result;
        _hasExplained = true;
        var profiles = _profiles = [];
        try
        {
            var watch = await Storage.Watch();
            var round = await again();
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
