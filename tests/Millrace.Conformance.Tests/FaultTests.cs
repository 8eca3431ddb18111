using Millrace.Conformance.Tests.Faults;
using Millrace.Storage;
using Millrace.Storage.Moves;
using Millrace.Testing;

namespace Millrace.Conformance.Tests;

/// <summary>Tests that the conformance suite finds each injected fault with the expected check.</summary>
public sealed class FaultTests
{
    private static readonly Dictionary<string, (Func<IStorage> CreateStorage, string FoundBy)> Faults = new()
    {
        ["loses an event"] = (
            Log(s => new LosesAnEvent(s)),
            "Versions start at 1 in each stream, positions start at 1 in the log, and neither has gaps"),
        ["loses the last event of a page's worth"] = (
            Log(s => new LosesAnEvent(s)), "Many events of one append are stored in order"),
        ["duplicates an event"] = (
            Log(s => new DoublesAnEvent(s)),
            "A commit's outcome contains the positions and the recorded time of the events"),
        ["reorders events"] = (Log(s => new ReordersEvents(s)), "Many events of one append are stored in order"),
        ["ignores the expected version"] = (
            Log(s => new IgnoresTheExpectedVersion(s)),
            "An expected version refuses any other stream, and the exception describes the conflict"),
        ["commits two conflicting requests of a batch"] = (
            Log(s => new IgnoresTheExpectedVersion(s)),
            "Exactly one of several requests with the same expected version in one batch is committed"),
        ["ignores conditions"] = (
            Log(s => new IgnoresConditions(s)),
            "A condition fails on an event of its type after its position, and the exception describes it"),
        ["checks conditions only before the batch"] = (
            Log(s => new ChecksConditionsBeforeTheBatch(s)),
            "Exactly one of several requests with the same condition in a batch is committed"),
        ["forgets a checkpoint"] = (
            Log(s => new ForgetsTheCheckpoint(s)), "A checkpoint changes together with the documents of its commit"),
        ["commits the checkpoint separately from its effect"] = (
            Log(s => new CommitsCheckpointSeparately(s)), "A commit under a lost lease is refused and writes nothing"),
        ["ignores the lease epoch"] = (
            Log(s => new IgnoresTheLeaseEpoch(s)), "A commit under a lost lease is refused and writes nothing"),
        ["writes the documents of a refused request"] = (
            Log(s => new LeaksARefusedRequest(s, refused => new() { Documents = refused.Documents })), Leak),
        ["writes the claims of a refused request"] = (
            Log(s => new LeaksARefusedRequest(s, refused => new() { Claims = refused.Claims })),
            "A refused request neither claims nor releases a value"),
        ["writes the handled ids of a refused request"] = (
            Log(s => new LeaksARefusedRequest(s, refused => new() { Handled = refused.Handled })),
            "The id of a refused request is not stored as handled"),
        ["writes the removals of a refused request"] = (
            Log(s => new LeaksARefusedRequest(s, refused => new() { Removals = refused.Removals })), Leak),
        ["writes the first stream of a refused request"] = (
            Log(s => new LeaksARefusedRequest(s, refused => new() { Appends = [.. refused.Appends.Take(1)] })), Leak),
        ["writes streams one by one"] = (
            Log(s => new WritesStreamsSeparately(s)),
            "A request that appends to several streams writes nothing if one of them conflicts"),
        ["shows half of a request to readers"] = (
            Log(s => new WritesStreamsSeparately(s)),
            "Readers see a request that appends to several streams completely or not at all"),
        ["refuses the other requests of a batch"] = (
            Log(s => new RefusesTheWholeBatch(s)), "A refused request does not affect other requests of the batch"),
        ["swaps outcomes"] = (
            Log(s => new SwapsOutcomes(s)), "A request of a batch sees the changes of the requests before it"),
        ["forgets handled ids"] = (
            Log(s => new ForgetsHandledIds(s)),
            "A repeated id gets the first answer, and nothing is written"),
        ["keeps handled ids forever"] = (
            Log(s => new NeverForgetsHandledIds(s)), "An id is stored until its window ends, and not longer"),
        ["mixes the scopes of handled ids"] = (
            Log(s => new MixesScopesOfHandledIds(s)), "Equal ids of different scopes are independent"),
        ["skips an answer between pages"] = (
            Log(s => new SkipsAnAnswerBetweenPages(s)),
            "Answers that are not empty can be listed in pages until they expire"),
        ["replaces no answer of a handled id"] = (
            Log(s => new ReplacesNoAnswer(s)), "An answer replaces only the stored answer that it names"),
        ["replaces any answer of a handled id"] = (
            Log(s => new ReplacesAnyAnswer(s)), "An answer replaces only the stored answer that it names"),
        ["forgets repetitions"] = (
            Log(s => new ForgetsRepetitions(s)),
            "An append repeated with any version gets the first outcome and is written once"),
        ["lets any owner release a claim"] = (
            Log(s => new ReleasesForeignClaims(s)), "Releasing another owner's value has no effect"),
        ["compares claims without case"] = (
            Log(s => new ComparesClaimsWithoutCase(s)),
            "Values and scopes are compared ordinally, and scopes are independent"),
        ["forgets to remove documents"] = (
            Log(s => new ForgetsToRemoveDocuments(s)),
            "A removed document is not found, and gets a new version when it is written again"),
        ["restarts the versions of documents after a removal"] = (
            RestartsDocumentVersions.Storage,
            "A change is refused if the document was removed and written again after it was read"),
        ["ignores the versions of documents"] = (
            Log(s => new IgnoresDocumentVersions(s)),
            "A document is refused when its version is not the expected one, and the exception has both"),
        ["compares decimals as floats"] = (Log(s => new ComparesDecimalsAsFloats(s)), "Decimals are compared exactly"),
        ["lets time run backwards"] = (
            Log(s => new RecordsBackwardClock(s)), "Recorded times never decrease, even if the clock is set back"),
        ["records no removal"] = (
            Log(s => new RecordsNoRemoval(s)),
            "A truncation is recorded with its range and the number of removed events"),
        ["records removals without events"] = (
            Log(s => new RecordsRemovalsOfNothing(s)), "A truncation without events to remove writes no record"),
        ["truncates one event too many"] = (
            Log(s => new TruncatesOneTooMany(s)),
            "A truncated stream starts at the requested version, and earlier events are removed from the log"),
        ["reopens closed streams"] = (
            Log(s => new ReopensClosedStreams(s)),
            "A closed stream can be neither read nor written, and only its last event remains in the log"),
        ["skips a position"] = (
            Log(s => new SkipsAPosition(s)),
            "Versions start at 1 in each stream, positions start at 1 in the log, and neither has gaps"),
        ["reads stale pages"] = (Log(s => new ReadsStale(s)), "The next read after a commit contains its events"),
        ["returns an old head"] = (Log(s => new KnowsAnOldHead(s)), "The next read after a commit contains its events"),
        ["omits properties that a fold needs"] = (
            Log(s => new OmitsFoldingFields(s)),
            "A page of events for a fold contains all properties that the fold needs"),
        ["reports the end of the log too early"] = (
            Log(s => new EndsPagesTooEarly(s)), "The log is read forwards from any position, in pages of any size"),
        ["never reports the end with a full page"] = (
            Log(s => new NeverReportsTheEnd(s)), "A page of the log indicates whether it is the last page"),
        ["returns the same page as the next page"] = (
            Log(s => new PointsBackToThePage(s)), "The log is read forwards from any position, in pages of any size"),
        ["returns one event too many"] = (
            Log(s => new GivesOneTooMany(s)), "A page of the log indicates whether it is the last page"),
        ["returns one event too few"] = (
            Log(s => new GivesOneTooFew(s)), "The log is read forwards from any position, in pages of any size"),
        ["starts backward reads one version off"] = (
            Log(s => new StartsBackwardReadsOneOff(s)),
            "A stream is read backwards from any version, in pages of any size"),
        ["drops a tag"] = (Log(s => new DropsATag(s)), "Every property of an event is stored exactly"),
        ["cuts long payloads"] = (Log(s => new CutsLongPayloads(s)), "A payload of a megabyte is stored exactly"),
        ["stores payloads as text"] = (
            Log(s => new KeepsPayloadsAsText(s)), "Payloads of any content are stored byte for byte"),
        ["drops metadata"] = (Log(s => new DropsMetadata(s)), "Every property of an event is stored exactly"),
        ["rounds times to milliseconds"] = (
            Log(s => new RoundsTimesToMilliseconds(s)),
            "A recorded time is the time of the writer's clock in UTC, in microseconds"),
        ["converts stream names to lower case"] = (
            Log(s => new LowersStreamNames(s)), "Streams with unusual names are distinct and can be read"),
        ["treats prefixes as patterns"] = (
            Log(s => new TakesPrefixesForPatterns(s)),
            "Streams are listed by any prefix of their names"),
        ["sorts names by UTF-16"] = (
            Log(s => new SortsNamesByUtf16(s)),
            "Streams are listed in the byte order of their names, in pages of any size"),
        ["reads deleted streams"] = (
            Log(s => new ReadsDeletedStreams(s)),
            "A deleted stream reads like a missing stream, and its events remain in the log"),
        ["finds the last event of an id"] = (
            Log(s => new FindsTheLastOfAnId(s)), "The same event ids in another stream are not a repetition"),
        ["finds an id in any stream"] = (
            Log(s => new FindsAnIdInAnyStream(s)), "An event is found by its id in the requested stream"),
        ["counts removed events"] = (
            Log(s => new CountsRemovedEvents(s)),
            "A truncated stream starts at the requested version, and earlier events are removed from the log"),
        ["forgets the source of a filter"] = (
            Log(s => new MistakesAFilter(s, filter => filter with { Source = null })),
            "Events are read and counted by source"),
        ["requires only one of several tags"] = (
            Log(s => new MistakesAFilter(s, filter => filter with { Tags = [.. filter.Tags.Take(1)] })),
            "Events are read and counted by several tags that they must all have"),
        ["includes the end of a time range"] = (
            Log(s => new MistakesAFilter(
                s,
                filter =>
                    filter with
                    {
                        To = filter.To is { } to && to < DateTimeOffset.MaxValue ? to.AddTicks(10) : filter.To,
                    }
            )),
            "Events are read and counted from a time on, and before a time"),
        ["sorts documents ascending only"] = (
            Documents(s => new IgnoresDescending(s)), "Documents are sorted by a text, nulls first, then by key"),
        ["returns one document too many"] = (
            Documents(s => new GivesOneDocumentTooMany(s)),
            "A page has the requested number of documents, or 20 by default"),
        ["loses documents with the same value"] = (
            Documents(s => new LosesTies(s)),
            "Many documents with the same value are paged without gaps or duplicates"),
        ["always returns a next page"] = (
            Documents(s => new AlwaysPointsToAnotherPage(s)),
            "A page has the requested number of documents, or 20 by default"),
        ["treats null as smaller than a value"] = (
            Documents(s => new TakesNullForSmaller(s)), "Whole numbers are compared exactly"),
        ["loses nulls that differ from a value"] = (
            Documents(s => new LosesNullsThatDiffer(s)), "Texts are compared ordinally"),
        ["keeps documents of other fields"] = (
            Documents(s => new KeepsDocumentsOfOtherFields(s)),
            "Ensuring a collection with other fields empties it and returns false"),
        ["clears a collection without its checkpoint"] = (
            Documents(s => new ClearsWithoutTheCheckpoint(s)),
            "Clearing a collection removes its documents and resets its consumer's checkpoint"),
        ["does not increment document versions"] = (
            Documents(s => new CountsNoDocumentVersions(s)),
            "A document's version grows with each change and equals the version in the outcome"),
        ["lets the last change of a read model's row win"] = (
            Documents(s => new OverwritesConcurrentReadModelChanges(s)),
            "A change to a read model's row with an old revision is refused and has no effect"),
        ["switches to a collection that is behind"] = (
            Documents(s => new SwitchesToLaggingCollection(s)),
            "A collection takes over only after its checkpoint has reached its predecessor's checkpoint"),
        ["forgets the retained collection"] = (
            Documents(s => new ForgetsKeptReadModels(s)),
            "A read model's row is stored exactly, and rows are listed in the order of their names"),
        ["clears a collection instead of dropping it"] = (
            Documents(s => new ClearsInsteadOfDropping(s)),
            "Dropping a collection also removes its consumer, and the collection can be created again"),
        ["drops a collection that is in use"] = (
            Documents(s => new DropsReferencedCollections(s)), "A collection that the catalogue names is not dropped"),
        ["drops a collection with a lease"] = (
            Documents(s => new DropsLeasedCollections(s)),
            "A collection is not dropped while a node has its lease"),
        ["drops a retired collection too early"] = (
            Documents(s => new DropsRetiredCollectionsEarly(s)),
            "A retired collection is dropped when its time is reached, and removed from its row"),
        ["forgets dead letters"] = (
            Log(s => new ForgetsDeadLetters(s)),
            "A dead letter is written together with the checkpoint and documents of its commit"),
        ["writes the dead letters of a refused request"] = (
            Log(s => new LeaksARefusedRequest(s, refused => new() { DeadLetters = refused.DeadLetters })), Leak),
        ["lets the last change of a dead letter win"] = (
            Log(s => new OverwritesConcurrentDeadLetterChanges(s)),
            "A change or removal is refused if another client has changed the dead letter"),
        ["drops the edited payload of a dead letter"] = (
            Log(s => new DropsEditedPayloads(s)), "Every property of a dead letter is stored exactly"),
        ["starts pages of dead letters one off"] = (
            DeadLetters(s => new StartsDeadLettersOneOff(s)),
            "Dead letters are paged in the order of their numbers"),
        ["groups waiting dead letters with failed ones"] = (
            DeadLetters(s => new GroupsAllDeadLetters(s)),
            "Failed dead letters are grouped by consumer and cause, the largest group first"),
        ["forgets the states of a query of dead letters"] = (
            DeadLetters(s => new ForgetsStates(s)),
            "Dead letters are found by consumer, state, cause, key, stream, type and position"),
        ["forgets the position of a query of dead letters"] = (
            DeadLetters(s => new ForgetsPositions(s)),
            "Dead letters are found by consumer, state, cause, key, stream, type and position"),
        ["returns full dead letters for a brief query"] = (
            DeadLetters(s => new ReadsFullDeadLetters(s)),
            "A brief query returns dead letters without message and stack"),
        ["forgets edits in a reset"] = (
            Leases(s => new ForgetsEditsInAReset(s)),
            "Resetting a consumer and clearing a collection keep the decisions about open dead letters"),
        ["keeps dead letters over a reset"] = (
            Leases(s => new KeepsDeadLettersAfterReset(s)),
            "A reset removes the open dead letters after its checkpoint and keeps those with a decision"),
        ["resets a collection past an event that it loses"] = (
            Leases(s => new ResetsAfterLosingDeadLetters(s)),
            "A collection's consumer is not reset past an open dead letter whose document is unknown"),
        ["counts no released letters"] = (
            Leases(s => new OmitsReleasedDeadLetters(s)),
            "A consumer's open and released dead letters are counted with its lease and checkpoint"),
        ["treats a missing checkpoint as 0"] = (
            Leases(s => new TreatsMissingCheckpointAsZero(s)),
            "A consumer without a stored checkpoint has none, and 0 is a stored checkpoint"),
        ["resets only consumers with a checkpoint"] = (
            Leases(s => new ResetsOnlyStartedConsumers(s)), "A reset stores a checkpoint for a consumer without one"),
        ["grants a held lease"] = (
            Leases(s => new GrantsHeldLeases(s)),
            "Another node cannot lease a partition until its lease has expired"),
        ["divides partitions without revoking leases"] = (
            Leases(s => new DividesLeasedPartitions(s)),
            "A consumer is divided into partitions that all start at its checkpoint, and its lease is revoked"),
        ["combines partitions with different checkpoints"] = (
            Leases(s => new MergesSeparatePartitions(s)),
            "Partitions are combined differently only when they have the same checkpoint"),
        ["creates missing partitions"] = (
            Leases(s => new MakesPartitions(s)), "A missing partition is neither leased nor created"),
        ["never ends a lease"] = (
            Leases(s => new NeverEndsALease(s)),
            "Another node cannot lease a partition until its lease has expired"),
        ["shows nodes forever"] = (
            Leases(s => new ShowsNodesForever(s)),
            "A node that reports itself is listed with its consumers until the report expires"),
        ["keeps removed nodes"] = (
            Leases(s => new KeepsRemovedNodes(s)),
            "A node that leaves disappears, and one that returns is listed again"),
        ["uses another clock"] = (
            Leases(s => new UsesAnotherClock(s)),
            "Nodes and consumers are read in one snapshot, with the time of the lease clock"),
        ["counts renewals as new holders"] = (
            Leases(s => new CountsRenewalsAsNewHolders(s)),
            "A leased partition has the start of its lease, and a free partition has none"),
        ["releases expired leases"] = (
            Leases(s => new ReleasesExpiredLeases(s)), "Releasing a lease with an old lease epoch has no effect"),
        ["renews with a new lease epoch"] = (
            Leases(s => new RenewsWithANewEpoch(s)), "A holder that renews its lease keeps the lease epoch"),
        ["forgets pauses"] = (
            Leases(s => new ForgetsPauses(s)), "A holder that renews its lease sees whether the consumer is paused"),
        ["accepts stale reports"] = (
            Leases(s => new AcceptsStaleReports(s)),
            "A holder's reported state is stored, and ignored under an old lease epoch"),
        ["does not store the epoch"] = (
            Maintenance(s => new KeepsNoEpoch(s)), "Starting a new epoch changes only the epoch of the log"),
        ["removes too many rows"] = (
            Maintenance(s => new ForgetsTooMuch(s)),
            "Rows outside the log are removed by the prefix of their name"),
        ["counts streams instead of events"] = (
            Maintenance(s => new CountsStreamsForEvents(s)),
            "The information about a store contains the counts of its contents"),
        ["leaves out claims when it is moved"] = (
            MoveSessions(s => new MovesNoRowsOf(s, MovedTables.Claims)),
            "A move copies the whole store to another storage"),
        ["leaves out handled ids when it is moved"] = (
            MoveSessions(s => new MovesNoRowsOf(s, MovedTables.Handled)),
            "A move copies the whole store to another storage"),
        ["stores no edited payload of another storage"] = (
            MoveSessions(s => new StoresNoColumn(s, MovedTables.DeadLetters, "edited_payload")),
            "A move stores the whole store of another storage"),
        ["stores no checkpoint of another storage"] = (
            MoveSessions(s => new StoresNoColumn(s, MovedTables.Consumers, "checkpoint")),
            "A move stores the whole store of another storage"),
        ["starts its numbers again after a move"] = (
            MoveSessions(s => new StartsNumbersAnew(s)), "A move stores the whole store of another storage"),
        ["records no changes during a move"] = (
            MoveSessions(s => new RecordsNoChanges(s)),
            "A move copies the changes that applications write during the move"),
        ["stays open after it was moved"] = (
            MoveSessions(s => new StaysOpenWhenMoved(s)),
            "A moved store refuses all writes and names the other storage"),
        ["stays open while a move fills it"] = (
            Moves(s => new StaysOpenWhenFilled(s)), "A store refuses all writes while a move fills it"),
        ["cannot continue a move to another storage"] = (
            Moves(s => new StartsOnlyOnce(s)),
            "An interrupted move to another storage continues, and no event is copied twice"),
        ["cannot continue a move from another storage"] = (
            Moves(s => new StartsOnlyOnce(s)),
            "An interrupted move from another storage continues, and no event is stored twice"),
        ["is overwritten by a move"] = (
            Moves(s => new IsAlwaysEmpty(s)),
            "A move into a store with other data is refused and changes nothing"),
        ["never ends a move"] = (
            Moves(s => new NeverEndsAMove(s)), "An abandoned move leaves the store open to applications"),
        ["holds no writers at the end of a move"] = (
            Moves(s => new HoldsNoWriters(s)), "A fence of a move holds all writers until its session ends"),
        ["commits each session of a move"] = (
            MoveSessions(s => new CommitsWhenDisposed(s)), "A session of a move without a commit writes nothing"),
        ["cannot be moved"] = (
            () => new FaultyStorage(), "A move copies the whole store to another storage"),
        ["is empty after it is reopened"] = (
            () => new FaultyStorage(), "Versions and positions continue after the storage is reopened"),
        ["forgets replacements"] = (Log(s => new ForgetsReplacements(s)), OnlyTheContent),
        ["keeps replaced metadata"] = (Log(s => new KeepsReplacedMetadata(s)), OnlyTheContent),
        ["counts replacements as appends"] = (Log(s => new AppendsReplacements(s)), OnlyTheContent),
        ["replaces contents in a separate commit"] = (
            Log(s => new ReplacesSeparately(s)),
            "A replacement is committed together with the documents of its request"),
        ["brings removed events back by replacing them"] = (
            Log(s => new ReplacesRemovedEvents(s)),
            "A replacement of an event that no longer exists is skipped"),
    };

    private const string OnlyTheContent = "A replacement changes the content of its event, and nothing else";

    private const string Leak = "A refused request writes none of its parts";

    public static TheoryData<string> Names => new(Faults.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_suite_finds_a_storage_that(string fault)
    {
        var (create, foundBy) = Faults[fault];

        var failure = await Assert.ThrowsAsync<ConformanceException>(() => new FaultySuite(create).Run(foundBy));

        Assert.StartsWith(foundBy, failure.Message, StringComparison.Ordinal);
        // The check found an unexpected result. The fault itself did not throw.
        Assert.IsType<ConformanceException>(failure.InnerException);
    }

    [Fact]
    public async Task A_wrapped_storage_without_a_fault_passes()
    {
        const StorageFeatures Features = StorageFeatures.IsShared | StorageFeatures.ReplacesContents;

        var report = await new FaultySuite(Log(storage => new NoFault(storage))).RunAll(Features);

        Assert.Empty(report.Failed);
        Assert.Equal(StorageConformance.ChecksFor(Features).Count(), report.Passed.Count);
        Assert.True(report.IsSound);
    }

    [Fact]
    public async Task A_run_of_the_complete_suite_continues_after_failures_and_lists_them()
    {
        var report = await new FaultySuite(Log(storage => new DropsMetadata(storage))).RunAll(StorageFeatures.None);

        Assert.False(report.IsSound);
        Assert.Contains(report.Failed, failure => failure.Check == "Every property of an event is stored exactly");
        Assert.Contains("Recorded times never decrease, even if the clock is set back", report.Passed);
    }

    [Fact]
    public void Every_check_has_a_unique_name()
    {
        var names = StorageConformance.Checks.Select(check => check.Name).ToList();

        Assert.Equal(names.Distinct(), names);
    }

    [Fact]
    public async Task An_unknown_check_throws() =>
        await Assert.ThrowsAsync<ArgumentException>(() =>
            new FaultySuite(() => new FaultyStorage()).Run("There is none"));

    private static Func<IStorage> Log(Func<IStorage, ILogStorage> create) => () => FaultyStorage.WithLog(create);

    private static Func<IStorage> Documents(Func<IStorage, IDocumentStorage> create) =>
        () => FaultyStorage.WithDocuments(create);

    private static Func<IStorage> Leases(Func<IStorage, ILeaseStorage> create) =>
        () => FaultyStorage.WithLeases(create);

    private static Func<IStorage> DeadLetters(Func<IStorage, IDeadLetterStorage> create) =>
        () => FaultyStorage.WithDeadLetters(create);

    private static Func<IStorage> Maintenance(Func<IStorage, IMaintenanceStorage> create) =>
        () => FaultyStorage.WithMaintenance(create);

    private static Func<IStorage> Moves(Func<IMoveEndpoint, IMoveEndpoint> create) =>
        () => new MovableStorage(create);

    private static Func<IStorage> MoveSessions(Func<IMoveSession, IMoveSession> create) =>
        Moves(inner => new FaultySessions(inner, create));

    private sealed class NoFault(IStorage inner) : FaultyLog(inner);

    private sealed class FaultySuite(Func<IStorage> create) : StorageConformance
    {
        protected override ValueTask<IStorage> Create(CancellationToken cancellationToken) => new(create());

        protected override ValueTask<IStorage> Reopen(IStorage disposed, CancellationToken cancellationToken) =>
            new(create());

        protected override ValueTask<IStorage> OpenAnother(IStorage open, CancellationToken cancellationToken) =>
            new(open);
    }
}
