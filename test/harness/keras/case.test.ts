import { describe, expect, it } from 'vitest';
import { kerasCaseSchema } from '../../../src/harness/keras/case.ts';

const MODEL = { lstm: [{ units: 2 }], output: { units: 1 } };
const CASE = { loss: 'mean_squared_error', optimizer: { type: 'sgd' }, model: MODEL };

describe('a recorded case', () => {
  it("fills in Keras' defaults, not a job spec's", () => {
    const { optimizer } = kerasCaseSchema.parse({ ...CASE, optimizer: { type: 'rmsprop' } });
    expect(optimizer).toMatchObject({ learning_rate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false, clipnorm: null });
    expect(kerasCaseSchema.parse({ ...CASE, optimizer: { type: 'adamw' } }).optimizer.weight_decay).toBe(0.004);
    const { model } = kerasCaseSchema.parse({ ...CASE, model: { ...MODEL, dense: [{ units: 3, activation: null }] } });
    expect(model.dense[0]?.activation).toBe('linear');
    expect(model.output.activation).toBe('linear');
    expect(model.embedding).toBeNull();
  });

  it("takes arguments that epochd does not have where they hold Keras' default", () => {
    const optimizer = { type: 'adam', name: 'adam', use_ema: false, ema_momentum: 0.99, loss_scale_factor: null };
    const layer = { units: 2, activation: 'tanh', kernel_initializer: 'zeros', kernel_regularizer: null, seed: 3, name: 'lstm_7' };
    expect(kerasCaseSchema.safeParse({ ...CASE, optimizer, model: { ...MODEL, lstm: [layer] } }).success).toBe(true);
  });

  it.each([
    [{ optimizer: { type: 'lion' } }, 'type'],
    [{ optimizer: { type: 'sgd', clipnorm: 1, clipvalue: 1 } }, 'clipvalue'],
    [{ optimizer: { type: 'adam', gradient_accumulation_steps: 2 } }, 'gradient_accumulation_steps'],
    [{ model: { ...MODEL, lstm: [{ units: 2, activation: 'relu' }] } }, 'activation'],
    [{ model: { ...MODEL, lstm: [{ units: 2, kernel_regularizer: 'l2' }] } }, 'kernel_regularizer'],
    [{ loss: 'hinge' }, 'loss'],
  ])('names what it cannot replay: %j', (change, field) => {
    const { error } = kerasCaseSchema.safeParse({ ...CASE, ...change });
    expect(error?.issues.flatMap(({ path }) => path)).toContain(field);
  });

  it('takes class weights as a table or as a list', () => {
    expect(kerasCaseSchema.parse({ ...CASE, class_weight: { '1': 2 } }).class_weight).toEqual({ '1': 2 });
    expect(kerasCaseSchema.parse({ ...CASE, class_weight: [0.5, 2] }).class_weight).toEqual({ '0': 0.5, '1': 2 });
    expect(kerasCaseSchema.parse(CASE).class_weight).toBeNull();
  });
});
