using System.Text;
using Millrace.Conformance.Tests.Faults;
using Millrace.Protection;
using Millrace.Testing;

namespace Millrace.Conformance.Tests;

/// <summary>Tests that the conformance suite for key stores finds each planted fault with the expected check.</summary>
public sealed class KeyStoreFaultTests
{
    private const string Owners =
        "Owners whose parts contain separators, or are prefixes of each other, have different keys";
    private const string SecondKey = "A second key of an owner is not added, and the first key is returned";
    private const string Identity =
        "The identity of a key store has an id and a salt of 32 bytes, and never changes";
    private const string Destroyed =
        "Destroying an owner's keys returns their ids and removes the bytes of active and retired keys";
    private const string Repeated = "Destroying an owner's keys again returns no ids and keeps the first time";
    private const string AllKinds =
        "Destroying all kinds of data covers existing and later kinds of the subject";
    private const string UnknownIds = "Unknown ids are omitted, and a repeated id is found once";
    private const string Filters = "Keys are listed by tenant, by subject, or by both";
    private const string Pages = "Keys are listed in ordinal order of their ids, in pages of any size";

    private static readonly KeyStoreIdentity OneForAll = new(Guid.Parse("5f9d8f5e-0000-4000-8000-000000000001"),
        Encoding.ASCII.GetBytes("0123456789abcdef0123456789abcdef"));

    private static readonly Dictionary<string, (Func<InMemoryKeyStore, FaultyKeyStore> Create, string FoundBy)> Faults =
        new()
        {
            ["has another id each time"] = (
                s => new ChangesTheIdentity(s, identity => identity with { Id = Guid.NewGuid() }), Identity),
            ["has a short salt"] = (
                s => new ChangesTheIdentity(s, identity => identity with { Salt = identity.Salt[..16] }), Identity),
            ["has the identity of all key stores"] = (
                s => new ChangesTheIdentity(s, _ => OneForAll), "Two key stores have different identities"),
            ["has no description"] = (s => new HasNoDescription(s), "A key store has a description"),
            ["ignores the cancellation of an addition"] = (
                s => new IgnoresCancellation(s),
                "A cancelled operation throws OperationCanceledException and changes nothing"),
            ["stays open after it is disposed"] = (
                s => new StaysOpen(s), "A disposed key store throws KeyStoreException, and can be disposed again"),
            ["does not see the writes of other processes"] = (
                s => new CachesCurrentKeys(s), "A key that one process adds or destroys is visible to another process"),
            ["rounds times to milliseconds"] = (
                s => new RoundsKeyTimes(s),
                "Keys in all states survive a reopen with their owners, bytes and times"),
            ["cuts long wrapped keys"] = (
                s => new CutsLongWrappedKeys(s),
                "An added key is stored exactly, with wrapped bytes of any length"),
            ["returns a repeated id twice"] = (
                s => new ChangesFoundKeys(s, (keys, ids) => keys.SelectMany(key => ids.Where(id => id == key.Id)
                    .Select(_ => key))),
                UnknownIds),
            ["returns a record for unknown ids"] = (
                s => new ChangesFoundKeys(s, (keys, ids) => ids.Select(id => keys.FirstOrDefault(key => key.Id == id)
                    ?? new KeyRecord { Id = id, Owner = new KeyOwner("", "", ""), CreatedAt = default })),
                UnknownIds),
            ["finds only the first 500 ids"] = (
                s => new FindsOnlyTheFirstIds(s), "A thousand keys are found in one call"),
            ["adds second keys"] = (s => new AddsSecondKeys(s), SecondKey),
            ["returns the offered key"] = (s => new ReturnsTheOfferedKey(s), SecondKey),
            ["looks for a key before the addition"] = (
                s => new ChecksBeforeItAdds(s),
                "Of 16 concurrent callers, one adds its key and the others get this key"),
            ["adds keys of erased owners"] = (
                s => new AddsKeysOfErasedOwners(s),
                "A key of an erased owner is not added, and the destroyed record is returned"),
            ["joins the parts of an owner with a separator"] = (
                s => new ConfusesOwners(s, owner => new KeyOwner("", $"{owner.Tenant}-{owner.Subject}", owner.Kind)),
                Owners),
            ["joins the parts of an owner without a separator"] = (
                s => new ConfusesOwners(s, owner => new KeyOwner("", "", owner.Tenant + owner.Subject + owner.Kind)),
                Owners),
            ["compares subjects without case"] = (
                s => new ConfusesOwners(s, owner => owner with { Subject = owner.Subject.ToUpperInvariant() }),
                Owners),
            ["cuts long subjects"] = (
                s => new ConfusesOwners(
                    s, owner => owner with { Subject = owner.Subject[..Math.Min(owner.Subject.Length, 511)] }),
                Owners),
            ["normalizes subjects"] = (
                s => new ConfusesOwners(
                    s,
                    owner => owner with
                    {
                        Subject = owner.Subject.Replace("e\u0301", "\u00e9", StringComparison.Ordinal),
                    }),
                Owners),
            ["trims subjects"] = (
                s => new ConfusesOwners(s, owner => owner with { Subject = owner.Subject.Trim() }), Owners),
            ["replaces any key"] = (s => new ReplacesAnyKey(s), "Only the active key of the owner is replaced"),
            ["always reports a replacement"] = (
                s => new AlwaysReportsReplacements(s), "Of concurrent replacements of a key, one succeeds"),
            ["does not find retired keys"] = (
                s => new ChangesFoundKeys(s, (keys, _) => keys.Where(key => key.State != KeyState.Retired)),
                "A replaced key is retired and still found, and the new key is current"),
            ["rewraps any key"] = (
                s => new RewrapsAnyKey(s), "A key is rewrapped only if the given master key wrapped it"),
            ["keeps the bytes of a rewrapped key"] = (
                s => new KeepsFormerBytes(s),
                "A rewrapped key has the new bytes and master key, and keeps its state, owner and times"),
            ["rewraps destroyed keys"] = (s => new RewrapsDestroyedKeys(s), "A destroyed key is never rewrapped"),
            ["keeps the bytes of destroyed keys"] = (s => new KeepsBytesOfDestroyedKeys(s), Destroyed),
            ["destroys only active keys"] = (s => new DestroysOnlyActiveKeys(s), Destroyed),
            ["reports destroyed keys again"] = (s => new ReportsDestroyedKeysAgain(s), Repeated),
            ["records the time of the last destruction"] = (s => new RecordsTheLastDestruction(s), Repeated),
            ["adds no destroyed record"] = (
                s => new AddsNoDestroyedRecord(s),
                "Destroying the keys of an owner without keys adds a destroyed record"),
            ["destroys only existing kinds"] = (s => new DestroysOnlyExistingKinds(s), AllKinds),
            ["does not find the record for all kinds"] = (s => new FindsNoRecordForAllKinds(s), AllKinds),
            ["destroys the keys of all tenants"] = (
                s => new DestroysOtherOwners(s, (owner, other) => other.Subject == owner.Subject),
                "Destroying all kinds of data affects no other subject and no other tenant"),
            ["destroys all kinds of data"] = (
                s => new DestroysOtherOwners(s, (owner, other) => other with { Kind = owner.Kind } == owner),
                "Destroying one kind of data keeps the other kinds of the subject"),
            ["takes a subject for a prefix"] = (
                s => new DestroysOtherOwners(
                    s,
                    (owner, other) => other.Subject.StartsWith(owner.Subject, StringComparison.Ordinal)
                        && other with { Subject = owner.Subject } == owner),
                "Destroying the keys of an owner affects no similar owner"),
            ["adds a key while its subject is destroyed"] = (
                s => new AddsDuringDestruction(s),
                "A key that is added or replaced while its subject is destroyed does not remain active"),
            ["destroys keys without a subject"] = (
                s => new DestroysWithoutSubject(s), "The keys of data without a data subject cannot be destroyed"),
            ["sorts ids without case"] = (s => new SortsKeysByCase(s), Pages),
            ["ignores the end of the previous page"] = (
                s => new ChangesTheKeyQuery(s, query => query with { After = null }), Pages),
            ["has smaller pages"] = (
                s => new ChangesTheKeyQuery(s, query => query with { Limit = Math.Min(query.Limit, 100) }),
                "A list without a limit has up to 100 keys, and a limit can be up to 1,000"),
            ["ignores the tenant of a list"] = (
                s => new ChangesTheKeyQuery(s, query => query with { Tenant = null }), Filters),
            ["takes an empty subject for all subjects"] = (
                s => new ChangesTheKeyQuery(s, query => query.Subject == "" ? query with { Subject = null } : query),
                Filters),
            ["lists the keys of similar subjects"] = (
                s => new ChangesTheKeyQuery(s, query => query with { Subject = query.Subject?.ToLowerInvariant() }),
                "Listing the keys of a subject finds no similar subject"),
            ["lists destroyed keys for a new master key"] = (
                s => new ListsDestroyedKeysToRewrap(s),
                "Keys that another master key wrapped are listed, without destroyed keys"),
            ["lists no destroyed keys"] = (
                s => new ChangesListedKeys(s, keys => keys.Where(key => key.State != KeyState.Destroyed)),
                "A list contains keys of all states, with all their properties"),
        };

    public static TheoryData<string> Names => new(Faults.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_suite_finds_a_key_store_that(string fault)
    {
        var (create, foundBy) = Faults[fault];

        var failure = await Assert.ThrowsAsync<ConformanceException>(() => new Suite(create).Run(foundBy));

        Assert.StartsWith(foundBy, failure.Message, StringComparison.Ordinal);
        // The check found an unexpected result. The fault itself did not throw.
        Assert.IsType<ConformanceException>(failure.InnerException);
    }

    [Fact]
    public async Task A_wrapped_key_store_without_a_fault_passes()
    {
        var report = await new Suite(inner => new FaultyKeyStore(inner)).RunAll();

        Assert.Empty(report.Failed);
        Assert.Equal(KeyStoreConformance.Checks.Count, report.Passed.Count);
        Assert.True(report.IsSound);
    }

    [Fact]
    public void Every_check_has_a_unique_name() =>
        Assert.Equal(KeyStoreConformance.Checks.Distinct(), KeyStoreConformance.Checks);

    [Fact]
    public async Task An_unknown_check_throws() =>
        await Assert.ThrowsAsync<ArgumentException>(() =>
            new Suite(inner => new FaultyKeyStore(inner)).Run("There is none"));

    private sealed class Suite(Func<InMemoryKeyStore, FaultyKeyStore> create) : KeyStoreConformance
    {
        protected override ValueTask<IKeyStore> Create(CancellationToken cancellationToken) =>
            new(create(new InMemoryKeyStore()));

        protected override ValueTask<IKeyStore> OpenAnother(IKeyStore first, CancellationToken cancellationToken) =>
            new(create(((FaultyKeyStore)first).Inner.OpenAnother()));
    }
}
