using Millrace.Storage.Caching;

namespace Millrace.Conformance.Tests;

public sealed class StreamCacheConformanceTests : CachedStorageConformanceTests
{
    internal override ILogCopy NewCopy() => new StreamCache(1024 * 1024);
}
