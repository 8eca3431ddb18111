using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Conformance.Tests;

/// <summary>
/// Runs the conformance checks on the part of a tenant in a shared storage, except the checks of the complete storage.
/// While the other tenants write nothing, even the positions equal those of a separate storage.
/// </summary>
public sealed class TenantConformanceTests : StorageConformance, IAsyncDisposable
{
    private static readonly string[] ChecksOfCompleteStorage =
    [
        "A store passes verification after all kinds of operations",
        "Starting a new epoch changes only the epoch of the log",
        "A new epoch is visible to other nodes",
        "Rows outside the log are removed by the prefix of their name", // Ends with a verification.
        "The epoch, the leases and the pauses are unchanged after the storage is reopened",
        "Events in removal records are not counted as lost",
    ];

    // These checks use names of the maximum length, but a stored name also contains the name of the tenant.
    private static readonly string[] ChecksOfLongNames =
    [
        "Streams are listed in the byte order of their names, in pages of any size",
        "Streams are listed by any prefix of their names",
        "Streams with unusual names are distinct and can be read",
    ];

    private readonly InMemoryStorage _shared = new();

    public static TheoryData<string> CheckNames =>
        new(
            ChecksFor(StorageFeatures.Reopens | StorageFeatures.IsShared)
                .Select(check => check.Name)
                .Except(ChecksOfCompleteStorage)
                .Except(ChecksOfLongNames));

    [Theory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    public ValueTask DisposeAsync() => _shared.DisposeAsync();

    protected override ValueTask<IStorage> Create(CancellationToken cancellationToken) => new(Part());

    protected override ValueTask<IStorage> Reopen(IStorage disposed, CancellationToken cancellationToken) =>
        new(Part());

    protected override ValueTask<IStorage> OpenAnother(IStorage open, CancellationToken cancellationToken) =>
        new(Part());

    private IStorage Part() => Tenants.PartOf(_shared, new TenantId("acme"));
}
