using Millrace.Storage.Caching;

namespace Millrace.Conformance.Tests;

public sealed class LogReplicaConformanceTests : CachedStorageConformanceTests
{
    internal override ILogCopy NewCopy() => new LogReplica();
}
