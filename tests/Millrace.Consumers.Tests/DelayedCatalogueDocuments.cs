using System.Reflection;
using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>The documents of a storage. Reads of the catalogue return only when the test releases them.</summary>
#pragma warning disable CA1852 // The proxy class derives from it.
internal class DelayedCatalogueDocuments : DispatchProxy
#pragma warning restore CA1852
{
    private IDocumentStorage? _documents;
    private Func<Task>? _wait;

    public static IDocumentStorage Wrap(IDocumentStorage documents, Func<Task> wait)
    {
        var proxy = Create<IDocumentStorage, DelayedCatalogueDocuments>();
        var delayed = (DelayedCatalogueDocuments)(object)proxy;
        (delayed._documents, delayed._wait) = (documents, wait);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
#pragma warning disable CA2012 // Returned as an object, like everything that the proxy returns.
        return targetMethod.Name == nameof(IDocumentStorage.ListReadModels)
            ? ListLater((CancellationToken)args![0]!) // The only argument of the method.
            : targetMethod.Invoke(_documents, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
#pragma warning restore CA2012
    }

    private async ValueTask<IReadOnlyList<ReadModelRecord>> ListLater(CancellationToken cancellationToken)
    {
        var records = await _documents!.ListReadModels(cancellationToken);
        await _wait!();
        return records;
    }
}
