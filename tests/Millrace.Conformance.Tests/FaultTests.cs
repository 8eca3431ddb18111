using Millrace.Conformance.Tests.Faults;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Conformance.Tests;

/// <summary>The suite is only worth what it finds: each planted fault is found, by the check named beside it.</summary>
public sealed class FaultTests
{
    private static readonly Dictionary<string, (Func<IStorage> Make, string FoundBy)> Faults = new()
    {
        ["loses an event"] = (
            Log(s => new LosesAnEvent(s)),
            "Versions count from 1 in each stream and positions in the log, without gaps"),
        ["loses the last event of a page's worth"] = (
            Log(s => new LosesAnEvent(s)), "Many events of one append are stored in their order"),
        ["doubles an event"] = (
            Log(s => new DoublesAnEvent(s)), "An outcome contains the positions and the recorded time of the events"),
        ["reorders events"] = (Log(s => new ReordersEvents(s)), "Many events of one append are stored in their order"),
        ["ignores the expected version"] = (
            Log(s => new IgnoresTheExpectedVersion(s)),
            "An expected version refuses any other stream, with the facts"),
        ["lets two of a batch win"] = (
            Log(s => new IgnoresTheExpectedVersion(s)),
            "Exactly one of several requests with the same expected version in one batch is committed"),
        ["ignores conditions"] = (
            Log(s => new IgnoresConditions(s)),
            "A condition fails on an event of its type after its position, with the facts"),
        ["checks conditions before the batch"] = (
            Log(s => new ChecksConditionsBeforeTheBatch(s)),
            "Exactly one of several requests with the same condition in a batch is committed"),
        ["forgets a checkpoint"] = (
            Log(s => new ForgetsTheCheckpoint(s)), "A checkpoint is moved together with the documents of its commit"),
        ["commits the checkpoint apart from its effect"] = (
            Log(s => new CommitsCheckpointSeparately(s)), "A commit under a lost lease is refused and writes nothing"),
        ["ignores the lease epoch"] = (
            Log(s => new IgnoresTheLeaseEpoch(s)), "A commit under a lost lease is refused and writes nothing"),
        ["leaks the documents of a refused request"] = (
            Log(s => new LeaksARefusedRequest(s, refused => new() { Documents = refused.Documents })), Leak),
        ["leaks the claims of a refused request"] = (
            Log(s => new LeaksARefusedRequest(s, refused => new() { Claims = refused.Claims })),
            "A refused request takes and releases no value"),
        ["leaks the handled ids of a refused request"] = (
            Log(s => new LeaksARefusedRequest(s, refused => new() { Handled = refused.Handled })),
            "A refused request does not count as handled"),
        ["leaks the removals of a refused request"] = (
            Log(s => new LeaksARefusedRequest(s, refused => new() { Removals = refused.Removals })), Leak),
        ["leaks the first stream of a refused request"] = (
            Log(s => new LeaksARefusedRequest(s, refused => new() { Appends = [.. refused.Appends.Take(1)] })), Leak),
        ["writes streams one by one"] = (
            Log(s => new WritesStreamsSeparately(s)),
            "A request for several streams with one conflict writes nothing"),
        ["shows half of a request to readers"] = (
            Log(s => new WritesStreamsSeparately(s)),
            "Readers see a request for several streams completely or not at all"),
        ["refuses the neighbours of a refused request"] = (
            Log(s => new RefusesTheWholeBatch(s)), "A refused request does not affect other requests of the batch"),
        ["swaps outcomes"] = (Log(s => new SwapsOutcomes(s)), "A later request of a batch sees the ones before it"),
        ["forgets handled ids"] = (
            Log(s => new ForgetsHandledIds(s)),
            "An id handled before is answered with its first answer, and nothing is written"),
        ["remembers handled ids for ever"] = (
            Log(s => new NeverForgetsHandledIds(s)), "An id is remembered until its window has passed, and not after"),
        ["mixes the scopes of handled ids"] = (
            Log(s => new MixesScopesOfHandledIds(s)), "An id of one scope is another in another scope"),
        ["replaces no answer of a handled id"] = (
            Log(s => new ReplacesNoAnswer(s)), "An answer replaces the one that it names, and no other"),
        ["replaces any answer of a handled id"] = (
            Log(s => new ReplacesAnyAnswer(s)), "An answer replaces the one that it names, and no other"),
        ["forgets repetitions"] = (
            Log(s => new ForgetsRepetitions(s)),
            "An append repeated with any version gets the first answer and is written once"),
        ["lets anybody release a claim"] = (
            Log(s => new ReleasesForeignClaims(s)), "Releasing another owner's value does nothing"),
        ["compares claims without case"] = (
            Log(s => new ComparesClaimsWithoutCase(s)), "Values and scopes are compared ordinally and separately"),
        ["forgets to remove documents"] = (
            Log(s => new ForgetsToRemoveDocuments(s)),
            "A removed document is gone, and gets a version that it never had when it is written again"),
        ["begins the versions of documents anew after a removal"] = (
            RestartsDocumentVersions.Storage,
            "A late change to a document that was removed and written again is refused"),
        ["ignores the versions of documents"] = (
            Log(s => new IgnoresDocumentVersions(s)),
            "A document written with an expected version is refused when it has another, with the facts"),
        ["compares decimals as floats"] = (Log(s => new ComparesDecimalsAsFloats(s)), "Decimals are compared exactly"),
        ["lets time run backwards"] = (
            Log(s => new RecordsBackwardClock(s)), "Time never decreases in the log, although the clock does"),
        ["records no removal"] = (
            Log(s => new RecordsNoRemoval(s)),
            "A truncation is recorded with its range and the number of events removed"),
        ["records removals of nothing"] = (
            Log(s => new RecordsRemovalsOfNothing(s)), "A truncation without events to remove writes no record"),
        ["truncates one event too many"] = (
            Log(s => new TruncatesOneTooMany(s)),
            "A truncated stream starts at its version, and earlier events are removed from the log"),
        ["opens closed streams again"] = (
            Log(s => new ReopensClosedStreams(s)),
            "A closed stream can be neither read nor written, and only its last event stays in the log"),
        ["skips a position"] = (
            Log(s => new SkipsAPosition(s)),
            "Versions count from 1 in each stream and positions in the log, without gaps"),
        ["reads stale"] = (Log(s => new ReadsStale(s)), "A committed event is in the next read"),
        ["knows an old head"] = (Log(s => new KnowsAnOldHead(s)), "A committed event is in the next read"),
        ["leaves out what folding needs"] = (
            Log(s => new OmitsFoldingFields(s)), "A page of events for a fold contains what the fold needs"),
        ["ends pages too early"] = (
            Log(s => new EndsPagesTooEarly(s)), "The log is read forwards from any position, in pages of any size"),
        ["never says the end of a full page"] = (
            Log(s => new NeverReportsTheEnd(s)), "A page of the log indicates exactly whether it is the last"),
        ["points back to the page"] = (
            Log(s => new PointsBackToThePage(s)), "The log is read forwards from any position, in pages of any size"),
        ["gives one event too many"] = (
            Log(s => new GivesOneTooMany(s)), "A page of the log indicates exactly whether it is the last"),
        ["gives one event too few"] = (
            Log(s => new GivesOneTooFew(s)), "The log is read forwards from any position, in pages of any size"),
        ["begins backwards one off"] = (
            Log(s => new StartsBackwardReadsOneOff(s)),
            "A stream is read backwards from any version, in pages of any size"),
        ["drops a tag"] = (Log(s => new DropsATag(s)), "Every property of an event is kept exactly"),
        ["cuts long payloads"] = (Log(s => new CutsLongPayloads(s)), "A payload of a megabyte is kept"),
        ["keeps payloads as text"] = (
            Log(s => new KeepsPayloadsAsText(s)), "Payloads are kept byte for byte, whatever they contain"),
        ["drops metadata"] = (Log(s => new DropsMetadata(s)), "Every property of an event is kept exactly"),
        ["rounds times to milliseconds"] = (
            Log(s => new RoundsTimesToMilliseconds(s)),
            "A recorded time is the writer's clock, in microseconds and UTC"),
        ["lowers the names of streams"] = (
            Log(s => new LowersStreamNames(s)), "Streams with unusual names are distinct and found again"),
        ["takes prefixes for patterns"] = (
            Log(s => new TakesPrefixesForPatterns(s)),
            "Streams are listed by the prefix of their names, whatever it contains"),
        ["sorts names by UTF-16"] = (
            Log(s => new SortsNamesByUtf16(s)),
            "Streams are listed in the order of their names' bytes, in pages of any size"),
        ["reads deleted streams"] = (
            Log(s => new ReadsDeletedStreams(s)),
            "A deleted stream reads as missing, and its events stay in the log"),
        ["finds the last event of an id"] = (
            Log(s => new FindsTheLastOfAnId(s)), "The same ids in another stream are another append"),
        ["finds an id in any stream"] = (
            Log(s => new FindsAnIdInAnyStream(s)), "An event is found by its id in the requested stream"),
        ["counts removed events"] = (
            Log(s => new CountsRemovedEvents(s)),
            "A truncated stream starts at its version, and earlier events are removed from the log"),
        ["forgets the source of a filter"] = (
            Log(s => new MistakesAFilter(s, filter => filter with { Source = null })),
            "Events are read and counted by source"),
        ["takes one of several tags for enough"] = (
            Log(s => new MistakesAFilter(s, filter => filter with { Tags = [.. filter.Tags.Take(1)] })),
            "Events are read and counted by several tags, all of which they carry"),
        ["includes the end of a time range"] = (
            Log(s => new MistakesAFilter(
                s,
                filter =>
                    filter with
                    {
                        To = filter.To is { } to && to < DateTimeOffset.MaxValue ? to.AddTicks(10) : filter.To,
                    }
            )),
            "Events are read and counted by time, from a time on and before another"),
        ["sorts documents ascending only"] = (
            Documents(s => new IgnoresDescending(s)), "Documents are sorted by a text, nulls first, ties by key"),
        ["gives one document too many"] = (
            Documents(s => new GivesOneDocumentTooMany(s)),
            "A page has the requested number of documents, and 20 by default"),
        ["loses documents with the same value"] = (
            Documents(s => new LosesTies(s)),
            "Many documents with the same value are paged without gaps or duplicates"),
        ["always points to another page"] = (
            Documents(s => new AlwaysPointsToAnotherPage(s)),
            "A page has the requested number of documents, and 20 by default"),
        ["takes null for smaller than a value"] = (
            Documents(s => new TakesNullForSmaller(s)), "Whole numbers are compared exactly"),
        ["loses nulls that differ from a value"] = (
            Documents(s => new LosesNullsThatDiffer(s)), "Texts are compared ordinally"),
        ["keeps documents of other fields"] = (
            Documents(s => new KeepsDocumentsOfOtherFields(s)),
            "Ensuring a collection with other fields empties and reports it"),
        ["clears a collection without its checkpoint"] = (
            Documents(s => new ClearsWithoutTheCheckpoint(s)),
            "Clearing a collection removes its documents and resets its consumer's checkpoint"),
        ["counts no versions of documents"] = (
            Documents(s => new CountsNoDocumentVersions(s)),
            "A document's version grows with each change, and equals that of the outcome"),
        ["lets the last change of a read model's row win"] = (
            Documents(s => new OverwritesConcurrentReadModelChanges(s)),
            "A change of a read model's row with an old revision is refused, and changes nothing"),
        ["switches to a collection that is behind"] = (
            Documents(s => new SwitchesToLaggingCollection(s)),
            "A collection takes over only when its checkpoint has reached that of its predecessor"),
        ["forgets which collection is kept"] = (
            Documents(s => new ForgetsKeptReadModels(s)),
            "A read model's row is kept exactly, and listed in the order of names"),
        ["clears a collection instead of dropping it"] = (
            Documents(s => new ClearsInsteadOfDropping(s)),
            "A dropped collection is gone with its consumer, and can be created again"),
        ["drops a collection that is in use"] = (
            Documents(s => new DropsReferencedCollections(s)), "A collection in the catalogue is not dropped"),
        ["drops a collection that a node works on"] = (
            Documents(s => new DropsLeasedCollections(s)),
            "A collection is not dropped while a node has its lease"),
        ["drops a retired collection too early"] = (
            Documents(s => new DropsRetiredCollectionsEarly(s)),
            "A retired collection is dropped when it is due, and removed from its row"),
        ["forgets dead letters"] = (
            Log(s => new ForgetsDeadLetters(s)),
            "A dead letter is written together with the checkpoint and documents of its commit"),
        ["leaks the dead letters of a refused request"] = (
            Log(s => new LeaksARefusedRequest(s, refused => new() { DeadLetters = refused.DeadLetters })), Leak),
        ["lets the last change of a dead letter win"] = (
            Log(s => new OverwritesConcurrentDeadLetterChanges(s)),
            "A dead letter is changed and removed only as it was read"),
        ["drops the edited payload of a dead letter"] = (
            Log(s => new DropsEditedPayloads(s)), "Every property of a dead letter is kept exactly"),
        ["begins pages of dead letters one off"] = (
            DeadLetters(s => new StartsDeadLettersOneOff(s)),
            "Dead letters are paged through in the order of their numbers"),
        ["groups what waits with what failed"] = (
            DeadLetters(s => new GroupsAllDeadLetters(s)),
            "Dead letters that failed are grouped by consumer and cause, the largest group first"),
        ["forgets the states of a query of dead letters"] = (
            DeadLetters(s => new ForgetsStates(s)),
            "Dead letters are found by consumer, state, cause, key, stream, type and position"),
        ["forgets the position of a query of dead letters"] = (
            DeadLetters(s => new ForgetsPositions(s)),
            "Dead letters are found by consumer, state, cause, key, stream, type and position"),
        ["reads whole letters for brief ones"] = (
            DeadLetters(s => new ReadsFullDeadLetters(s)),
            "Dead letters are read without their long texts when that is asked for"),
        ["forgets edits in a reset"] = (
            Leases(s => new ForgetsEditsInAReset(s)),
            "A reset and clearing a collection keep what was decided about open letters"),
        ["keeps dead letters over a reset"] = (
            Leases(s => new KeepsDeadLettersAfterReset(s)),
            "A reset removes the open letters beyond its checkpoint and keeps what was decided"),
        ["sets a collection back behind an event that it loses"] = (
            Leases(s => new ResetsAfterLosingDeadLetters(s)),
            "A collection's consumer is not set back behind an open letter whose document is not known"),
        ["counts no released letters"] = (
            Leases(s => new OmitsReleasedDeadLetters(s)),
            "A consumer's open and released letters are counted with its lease and checkpoint"),
        ["takes no checkpoint for 0"] = (
            Leases(s => new TreatsMissingCheckpointAsZero(s)),
            "A consumer without a stored checkpoint has none, whatever its holder, and 0 is a checkpoint"),
        ["leaves one without a checkpoint without one when it is reset"] = (
            Leases(s => new ResetsOnlyStartedConsumers(s)), "A reset stores a checkpoint for a consumer that has none"),
        ["gives the lease to anybody"] = (
            Leases(s => new GrantsHeldLeases(s)),
            "A leased partition is not given to another node until the lease has expired"),
        ["divides and leaves the leases as they are"] = (
            Leases(s => new DividesLeasedPartitions(s)),
            "A consumer is divided into partitions that all start at its checkpoint, and its lease is revoked"),
        ["puts partitions together that stand apart"] = (
            Leases(s => new MergesSeparatePartitions(s)),
            "Partitions are combined differently only when they have the same checkpoint"),
        ["makes partitions that nobody asked for"] = (
            Leases(s => new MakesPartitions(s)), "A missing partition is not leased, and is not created"),
        ["never ends a lease"] = (
            Leases(s => new NeverEndsALease(s)),
            "A leased partition is not given to another node until the lease has expired"),
        ["shows nodes forever"] = (
            Leases(s => new ShowsNodesForever(s)),
            "A node that reports itself is listed until it expires, with the consumers that it can run"),
        ["keeps nodes that go"] = (
            Leases(s => new KeepsRemovedNodes(s)),
            "A node that leaves disappears, and one that returns is listed again"),
        ["looks by another clock"] = (
            Leases(s => new UsesAnotherClock(s)),
            "Nodes and consumers are read at one moment, by the clock of the leases"),
        ["counts renewals as new holders"] = (
            Leases(s => new CountsRenewalsAsNewHolders(s)),
            "A partition includes the start of its lease, and a free one has none"),
        ["releases for the late"] = (
            Leases(s => new ReleasesExpiredLeases(s)), "Releasing under an old lease epoch does nothing"),
        ["renews with a new lease epoch"] = (
            Leases(s => new RenewsWithANewEpoch(s)), "A holder that renews keeps its lease epoch"),
        ["forgets pauses"] = (
            Leases(s => new ForgetsPauses(s)), "A pause is seen by the holder when it renews, and a resumption too"),
        ["believes late reports"] = (
            Leases(s => new AcceptsStaleReports(s)),
            "A holder's reported state is stored, and ignored under an old lease epoch"),
        ["keeps no epoch"] = (
            Maintenance(s => new KeepsNoEpoch(s)), "A new epoch of the log is counted, and everything else stays"),
        ["forgets too much"] = (
            Maintenance(s => new ForgetsTooMuch(s)),
            "Rows outside the log are removed by the prefix of their name"),
        ["counts streams for events"] = (
            Maintenance(s => new CountsStreamsForEvents(s)), "The information about a store counts its contents"),
        ["is empty when it is opened again"] = (
            () => new FaultyStorage(), "Versions and positions continue after the storage is reopened"),
    };

    private const string Leak = "A refused request writes none of its parts, whichever part was refused";

    public static TheoryData<string> Names => new(Faults.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Is_found_in_a_storage_that(string fault)
    {
        var (make, foundBy) = Faults[fault];

        var found = await Assert.ThrowsAsync<ConformanceException>(() => new FaultySuite(make).Run(foundBy));

        Assert.StartsWith(foundBy, found.Message, StringComparison.Ordinal);
        // An expectation that was not met, and not a fault of the fault.
        Assert.IsType<ConformanceException>(found.InnerException);
    }

    [Fact]
    public async Task A_storage_wrapped_without_a_fault_is_found_sound()
    {
        var report = await new FaultySuite(Log(storage => new NoFault(storage))).RunAll(StorageFeatures.IsShared);

        Assert.Empty(report.Failed);
        Assert.Equal(StorageConformance.ChecksFor(StorageFeatures.IsShared).Count(), report.Passed.Count);
        Assert.True(report.IsSound);
    }

    [Fact]
    public async Task A_run_of_the_whole_suite_lists_its_failures_and_continues()
    {
        var report = await new FaultySuite(Log(storage => new DropsMetadata(storage))).RunAll(StorageFeatures.None);

        Assert.False(report.IsSound);
        Assert.Contains(report.Failed, failure => failure.Check == "Every property of an event is kept exactly");
        Assert.Contains("Time never decreases in the log, although the clock does", report.Passed);
    }

    [Fact]
    public void Every_check_has_a_name_of_its_own()
    {
        var names = StorageConformance.Checks.Select(check => check.Name).ToList();

        Assert.Equal(names.Distinct(), names);
    }

    [Fact]
    public async Task A_check_that_is_not_there_is_a_mistake_of_the_caller() =>
        await Assert.ThrowsAsync<ArgumentException>(() =>
            new FaultySuite(() => new FaultyStorage()).Run("There is none"));

    private static Func<IStorage> Log(Func<IStorage, ILogStorage> make) => () => FaultyStorage.WithLog(make);

    private static Func<IStorage> Documents(Func<IStorage, IDocumentStorage> make) =>
        () => FaultyStorage.WithDocuments(make);

    private static Func<IStorage> Leases(Func<IStorage, ILeaseStorage> make) => () => FaultyStorage.WithLeases(make);

    private static Func<IStorage> DeadLetters(Func<IStorage, IDeadLetterStorage> make) =>
        () => FaultyStorage.WithDeadLetters(make);

    private static Func<IStorage> Maintenance(Func<IStorage, IMaintenanceStorage> make) =>
        () => FaultyStorage.WithMaintenance(make);

    private sealed class NoFault(IStorage sound) : FaultyLog(sound);

    private sealed class FaultySuite(Func<IStorage> make) : StorageConformance
    {
        protected override ValueTask<IStorage> Create(CancellationToken cancellationToken) => new(make());

        protected override ValueTask<IStorage> Reopen(IStorage disposed, CancellationToken cancellationToken) =>
            new(make());

        protected override ValueTask<IStorage> OpenAnother(IStorage open, CancellationToken cancellationToken) =>
            new(open);
    }
}
