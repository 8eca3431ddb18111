using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>
/// Replaces the values of encrypted fields by keyed hashes, in documents that are written and in conditions of queries.
/// Thread-safe.
/// </summary>
/// <remarks>
/// Each collection has a random data key in the key store. Another build of a read model is another collection, so a
/// rebuild changes the key. The key is never replaced otherwise: hashes of two keys cannot be compared.
/// </remarks>
/// <param name="protection">The encryption.</param>
/// <param name="stored">The documents as they are stored.</param>
internal sealed class BlindIndex(StoreProtection protection, IDocumentStorage stored)
{
    /// <summary>Returns the definition with which a collection is stored.</summary>
    public CollectionDefinition ToStored(CollectionDefinition collection)
    {
        var fields = FieldsOf(collection.Name);
        return fields.Count == 0
            ? collection
            : collection with
            {
                Fields =
                [
                    .. collection.Fields.Select(field => fields.Any(blind => blind.Name == field.Name)
                        ? field with { Kind = FieldKind.Hash }
                        : field),
                ],
            };
    }

    /// <summary>Returns a query whose conditions compare hashes.</summary>
    /// <exception cref="EncryptedFieldException">The query sorts by an encrypted field, or compares it for another
    /// relation than equality.</exception>
    public async ValueTask<DocumentQuery> ToStored(DocumentQuery query, CancellationToken cancellationToken)
    {
        var fields = FieldsOf(query.Collection);
        if (fields.Count == 0)
            return query;
        if (fields.Any(field => field.Name == query.OrderBy))
            throw EncryptedFieldException.OfOrder(query.OrderBy!); // A field has this name.
        var conditions = await ToStored(query.Collection, query.Conditions, cancellationToken).ConfigureAwait(false);
        return query with { Conditions = conditions };
    }

    /// <summary>Returns conditions that compare hashes.</summary>
    /// <exception cref="EncryptedFieldException">A condition compares an encrypted field for another relation than
    /// equality.</exception>
    public async ValueTask<IReadOnlyList<FieldCondition>> ToStored(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken)
    {
        var fields = FieldsOf(collection);
        if (fields.Count == 0 || conditions.Count == 0)
            return conditions;
        var hashed = new List<FieldCondition>(conditions.Count);
        foreach (var condition in conditions)
        {
            var field = fields.FirstOrDefault(field => field.Name == condition.Field);
            if (field is null || condition.Value.IsNull)
                hashed.Add(condition);
            else if (condition.Comparison is not (Comparison.Equal or Comparison.NotEqual))
                throw EncryptedFieldException.OfComparison(field.Name, condition.Comparison);
            else if (condition.ConvertTo(field.Kind) is { } converted)
                hashed.Add(await Hash(collection, field, converted, cancellationToken).ConfigureAwait(false));
        }
        return hashed;
    }

    /// <summary>Returns the values of the fields of a document as they are stored.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="values">The values.</param>
    /// <param name="isErased">Returns whether the value of a field was erased.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<IReadOnlyList<FieldValue>> ToStored(
        string collection,
        IReadOnlyList<FieldValue> values,
        Func<BlindField, bool> isErased,
        CancellationToken cancellationToken)
    {
        var fields = FieldsOf(collection);
        if (fields.Count == 0 || values.Count == 0)
            return values;
        FieldValue[] hashed = [.. values];
        foreach (var field in fields)
        {
            if (field.Index >= hashed.Length)
                continue;
            var value = isErased(field) ? field.Erased : values[field.Index];
            var hash = await Hash(collection, field, value, cancellationToken).ConfigureAwait(false);
            if (!hash.IsNull && !hash.IsHash)
                throw new StorageException(
                    $"The field '{field.Name}' of '{collection}' is encrypted, but its column is not one for hashes. "
                        + "Increase the Version of the projection, so that it is built again.",
                    StorageProblem.Other);
            hashed[field.Index] = hash;
        }
        return hashed;
    }

    /// <summary>Returns the column of an erased value; null if the model does not contain the field.</summary>
    public ValueTask<FieldValue> OfErased(string collection, string name, CancellationToken cancellationToken) =>
        Find(collection, name) is { } field
            ? Hash(collection, field, field.Erased, cancellationToken)
            : new ValueTask<FieldValue>(FieldValue.Null);

    /// <summary>Returns the path of the value of a field whose column contains hashes.</summary>
    public string PathOf(string collection, string name) => Find(collection, name)?.Path ?? "/" + name;

    /// <summary>Returns the hash of a value; null for null.</summary>
    public async ValueTask<FieldValue> Hash(
        string collection, BlindField field, FieldValue value, CancellationToken cancellationToken)
    {
        if (value.IsNull || value.IsHash
            || await KeyOf(collection, cancellationToken).ConfigureAwait(false) is not { } key)
            return value;
        var exact = FieldNumbers.Convert(value, field.Kind, field.Name);
        return FieldValue.OfHash(BlindHash.Of(key, field.Name, field.Kind, exact));
    }

    /// <summary>Returns a field; null if the model does not contain it, or its values are not encrypted.</summary>
    public BlindField? Find(string collection, string name) =>
        FieldsOf(collection).FirstOrDefault(field => field.Name == name);

    private async ValueTask<FieldCondition> Hash(
        string collection, BlindField field, FieldCondition converted, CancellationToken cancellationToken)
    {
        if (converted.Value.IsNull // No value of the field satisfies the condition.
            || await KeyOf(collection, cancellationToken).ConfigureAwait(false) is not { } key)
            return converted;
        var hash = BlindHash.Of(key, field.Name, field.Kind, converted.Value);
        return converted with { Value = FieldValue.OfHash(hash, converted.Value) };
    }

    private IReadOnlyList<BlindField> FieldsOf(string storedCollection) =>
        protection.Keys is null ? [] : protection.Model.BlindFields.Of(protection.Scope.Split(storedCollection).Name);

    /// <summary>
    /// Returns the data key of a collection, and creates it for a collection without entries. Returns null for a
    /// collection without hashes, such as one of a version whose fields were not encrypted.
    /// </summary>
    /// <exception cref="KeyStoreException">The key is missing, but the collection has entries.</exception>
    private async ValueTask<DataKey?> KeyOf(string storedCollection, CancellationToken cancellationToken)
    {
        var (tenant, collection) = protection.Scope.Split(storedCollection);
        var owner = new KeyOwner(tenant, "", IndexKey.Prefix + collection);
        var keys = protection.Keys!; // Without keys, there are no fields.
        if (keys.FindCurrent(owner) is { } known)
            return known;
        if (!await IndexKey.IsStored(keys, owner, cancellationToken).ConfigureAwait(false))
        {
            var columns = await ColumnsOf(storedCollection, cancellationToken).ConfigureAwait(false);
            if (columns.Count == 0)
                return null;
            // Another node may create the key and write the first entry in between, so the key is searched again.
            if (await HasEntries(storedCollection, columns, cancellationToken).ConfigureAwait(false)
                && !await IndexKey.IsStored(keys, owner, cancellationToken).ConfigureAwait(false))
                throw new KeyStoreException(
                    $"{keys.Description} does not contain the key of the index of '{collection}'. Restore the newest "
                        + "backup of the key store. If the key is lost for ever, build the read model again.",
                    StorageProblem.Damaged);
        }
        return await keys.GetCurrent(owner, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the names of the columns of a collection that contain hashes.</summary>
    private async ValueTask<List<string>> ColumnsOf(string storedCollection, CancellationToken cancellationToken)
    {
        var collections = await stored.List(cancellationToken).ConfigureAwait(false);
        return
        [
            .. collections
                .Where(collection => collection.Definition.Name == storedCollection)
                .SelectMany(collection => collection.Definition.Fields)
                .Where(field => field.Kind == FieldKind.Hash)
                .Select(field => field.Name),
        ];
    }

    private async ValueTask<bool> HasEntries(
        string storedCollection, List<string> columns, CancellationToken cancellationToken)
    {
        foreach (var column in columns)
        {
            var condition = new FieldCondition(column, Comparison.NotEqual, FieldValue.Null);
            var query = new DocumentQuery { Collection = storedCollection, Conditions = [condition], Limit = 1 };
            var page = await stored.Query(query, cancellationToken).ConfigureAwait(false);
            if (page.Documents.Count > 0)
                return true;
        }
        return false;
    }
}
