using Millrace.Protection;
using Millrace.Testing;

namespace Millrace.Conformance.Tests;

public sealed class InMemoryKeyStoreConformanceTests : KeyStoreConformance
{
    public static TheoryData<string> CheckNames => new(Checks);

    [Theory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    protected override ValueTask<IKeyStore> Create(CancellationToken cancellationToken) =>
        new(new InMemoryKeyStore());

    protected override ValueTask<IKeyStore> OpenAnother(IKeyStore first, CancellationToken cancellationToken) =>
        new(((InMemoryKeyStore)first).OpenAnother());
}
