using System.Reflection;
using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>The documents of a storage, with somebody told before each thing that is asked of them.</summary>
#pragma warning disable CA1852 // The proxy is made as a class derived from it.
internal class WatchedDocuments : DispatchProxy
#pragma warning restore CA1852
{
    private IDocumentStorage? _documents;
    private Action<string>? _before;

    public static IDocumentStorage Of(IDocumentStorage documents, Action<string> before)
    {
        var proxy = Create<IDocumentStorage, WatchedDocuments>();
        var watched = (WatchedDocuments)(object)proxy;
        (watched._documents, watched._before) = (documents, before);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        _before?.Invoke(targetMethod.Name);
        return targetMethod.Invoke(_documents, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
    }
}
