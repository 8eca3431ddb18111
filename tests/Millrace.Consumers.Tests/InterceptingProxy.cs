using System.Reflection;

namespace Millrace.Tests;

/// <summary>A proxy for a part of a storage. It runs an action with the name of each method before the call.</summary>
#pragma warning disable CA1852 // The proxy class derives from it.
internal class InterceptingProxy<T> : DispatchProxy
#pragma warning restore CA1852
    where T : class
{
    private T? _part;
    private Action<string>? _before;

    public static T Wrap(T part, Action<string> before)
    {
        var proxy = Create<T, InterceptingProxy<T>>();
        var watched = (InterceptingProxy<T>)(object)proxy;
        (watched._part, watched._before) = (part, before);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        _before?.Invoke(targetMethod.Name);
        return targetMethod.Invoke(_part, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
    }
}
